-- load:    which rounds of TIMSS and PIRLS may be compared into S10.OBS
-- grain:   one row per country, test, grade and pair of rounds; the year is the later round
-- unit:    1 may be compared, 0 may not
-- nulls:   a pair that is not listed is not known
-- source:  World Bank, LearningPoverty repository, MIT
with iso as (
    select distinct "ISO3166-1-Alpha-3" as code from country_code
    union
    select code from country_extra
),
cell as (
    select countrycode, cast(split_part(spell, '-', 2) as int) as year, idgrade,
           lower(test) || '_g' || idgrade || '_comparable_from_' || split_part(spell, '-', 1) as series,
           cast(comparable as double) as value, spell || coalesce(': ' || note, '') as note
    from comparability
)
select
    c.year,
    c.countrycode as country,
    iso.code is null as is_aggregate,
    c.series,
    'comparability' as concept,
    'primary' as level,
    '_T' as orientation,
    '_T' as sex,
    '_T' as ownership,
    '_T' as locality,
    cast(c.idgrade as int) as grade,
    -1 as age,
    -1 as age_to,
    cast(null as varchar) as subject,
    c.value,
    cast(null as double) as se,
    cast(null as bigint) as n,
    'boolean' as unit,
    'wb_learning' as publisher,
    'comparability' as edition,
    cast(null as date) as published_on,
    'ok' as flag,
    c.note as note
from cell as c
left join iso on iso.code = c.countrycode
where c.value is not null
