-- load:    shares below minimum proficiency of assessments without micro-data into S10.OBS
-- grain:   one row per country, year, test, grade and subject
-- unit:    percent of pupils below the minimum
-- nulls:   no standard errors are known
-- source:  World Bank, LearningPoverty repository, MIT
with iso as (
    select distinct "ISO3166-1-Alpha-3" as code from country_code
    union
    select code from country_extra
),
cell as (
    select countrycode, cast(year as int) as year, test, idgrade, subject,
           lower(test) || '_g' || idgrade || '_' || subject || '_nonprof' as series,
           try_cast(nonprof_all as double) as value,
           source_assessment || '; threshold ' || min_proficiency_threshold as note
    from proficiency_without_microdata
)
select
    c.year,
    c.countrycode as country,
    iso.code is null as is_aggregate,
    c.series,
    'share_below_minimum' as concept,
    'primary' as level,
    '_T' as orientation,
    '_T' as sex,
    '_T' as ownership,
    '_T' as locality,
    cast(c.idgrade as int) as grade,
    -1 as age,
    -1 as age_to,
    case c.subject when 'math' then 'mathematics' when 'read' then 'reading'
         when 'scie' then 'science' else c.subject end as subject,
    c.value,
    cast(null as double) as se,
    cast(null as bigint) as n,
    'percent' as unit,
    'wb_learning' as publisher,
    'without-microdata' as edition,
    cast(null as date) as published_on,
    'ok' as flag,
    c.note as note
from cell as c
left join iso on iso.code = c.countrycode
where c.value is not null
