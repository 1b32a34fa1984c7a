-- load:    UNESCO UIS education statistics into S10.OBS
-- grain:   one row per (series, country, year) as published
-- unit:    the unit of the series (persons, percent, index, years, ...)
-- nulls:   a series that our map does not understand keeps concept NULL and
--          carries the publisher's name in `note`
-- source:  UNESCO UIS, CC BY-SA 3.0 IGO
with iso as (
    select distinct "ISO3166-1-Alpha-3" as code from country_code
    union
    select code from country_extra
),
obs as (
    select indicator, country_iso3, year, value from observation
),
map as (
    select
        m.series, nullif(m.concept, '') as concept, m.level, m.orientation, m.sex, m.ownership,
        m.locality, cast(m.grade as int) as grade, cast(m.age as int) as age,
        cast(m.age_to as int) as age_to, m.unit,
        case when nullif(m.concept, '') is null then i.name end as note
    from series_map as m
    left join indicator_name as i on i.indicator = m.series
)
select
    o.year,
    o.country_iso3 as country,
    iso.code is null as is_aggregate,
    o.indicator as series,
    m.concept,
    coalesce(m.level, '_T') as level,
    coalesce(m.orientation, '_T') as orientation,
    coalesce(m.sex, '_T') as sex,
    coalesce(m.ownership, '_T') as ownership,
    coalesce(m.locality, '_T') as locality,
    coalesce(m.grade, -1) as grade,
    coalesce(m.age, -1) as age,
    coalesce(m.age_to, -1) as age_to,
    cast(null as varchar) as subject,
    o.value,
    cast(null as double) as se,
    cast(null as bigint) as n,
    coalesce(m.unit, 'other') as unit,
    'uis' as publisher,
    'uis-2012-2018' as edition,
    cast(null as date) as published_on,
    'ok' as flag,
    m.note
from obs as o
left join map as m on m.series = o.indicator
left join iso on iso.code = o.country_iso3
