-- load:    PISA means and shares of proficiency levels by country into S10.OBS
-- grain:   one row per country, year and measure
-- unit:    points; percent of 15-year-olds
-- nulls:   a level that was not defined in a cycle has no row
-- source:  World Bank, LearningPoverty repository, MIT; OECD PISA
with iso as (
    select distinct "ISO3166-1-Alpha-3" as code from country_code
    union
    select code from country_extra
),
cell as (
    select p.countrycode, cast(p.year as int) as year, m.column as series, m.concept, m.subject,
           m.unit,
           try_cast(case m.column
                when 'lo_pisa_mat' then p.lo_pisa_mat
                when 'lo_pisa_mat_0' then p.lo_pisa_mat_0
                when 'lo_pisa_mat_1' then p.lo_pisa_mat_1
                when 'lo_pisa_mat_2' then p.lo_pisa_mat_2
                when 'lo_pisa_mat_3' then p.lo_pisa_mat_3
                when 'lo_pisa_mat_4' then p.lo_pisa_mat_4
                when 'lo_pisa_mat_5' then p.lo_pisa_mat_5
                when 'lo_pisa_mat_6' then p.lo_pisa_mat_6
                when 'lo_pisa_rea' then p.lo_pisa_rea
                when 'lo_pisa_rea_0_b1c' then p.lo_pisa_rea_0_b1c
                when 'lo_pisa_rea_1c' then p.lo_pisa_rea_1c
                when 'lo_pisa_rea_1b' then p.lo_pisa_rea_1b
                when 'lo_pisa_rea_1a' then p.lo_pisa_rea_1a
                when 'lo_pisa_rea_2' then p.lo_pisa_rea_2
                when 'lo_pisa_rea_3' then p.lo_pisa_rea_3
                when 'lo_pisa_rea_4' then p.lo_pisa_rea_4
                when 'lo_pisa_rea_5' then p.lo_pisa_rea_5
                when 'lo_pisa_rea_6' then p.lo_pisa_rea_6
                when 'lo_pisa_sci' then p.lo_pisa_sci
                when 'lo_pisa_sci_0' then p.lo_pisa_sci_0
                when 'lo_pisa_sci_1a' then p.lo_pisa_sci_1a
                when 'lo_pisa_sci_1b' then p.lo_pisa_sci_1b
                when 'lo_pisa_sci_2' then p.lo_pisa_sci_2
                when 'lo_pisa_sci_3' then p.lo_pisa_sci_3
                when 'lo_pisa_sci_4' then p.lo_pisa_sci_4
                when 'lo_pisa_sci_5' then p.lo_pisa_sci_5
                when 'lo_pisa_sci_6' then p.lo_pisa_sci_6
           end as double) as value
    from pisa_mean as p
    cross join pisa_column as m
)
select
    c.year,
    c.countrycode as country,
    iso.code is null as is_aggregate,
    c.series,
    c.concept as concept,
    '_T' as level,
    '_T' as orientation,
    '_T' as sex,
    '_T' as ownership,
    '_T' as locality,
    -1 as grade,
    15 as age,
    15 as age_to,
    c.subject as subject,
    c.value,
    cast(null as double) as se,
    cast(null as bigint) as n,
    c.unit as unit,
    'wb_learning' as publisher,
    'pisa-means-levels' as edition,
    cast(null as date) as published_on,
    case when c.countrycode = 'KAZ' and c.year = 2015 then 'break' else 'ok' end as flag,
    case when c.countrycode = 'KAZ' and c.year = 2015
         then 'not comparable in the international report of PISA 2015' end as note
from cell as c
left join iso on iso.code = c.countrycode
where c.value is not null
