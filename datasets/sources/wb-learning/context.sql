-- load:    modelled out-of-school rates, population 10-14, school age, net enrolment into S10.OBS
-- grain:   one row per country, year, measure and sex
-- unit:    share (0 to 1) for the model; persons; years; percent
-- nulls:   a country and year without a value has no row
-- source:  World Bank, LearningPoverty repository, MIT
-- The bounds of the model stay in `note`: they are not standard errors.
with iso as (
    select distinct "ISO3166-1-Alpha-3" as code from country_code
    union
    select code from country_extra
),
cell as (
    select country as countrycode, cast(year as int) as year,
           'oosr_model_' || level || '_' || sex as series, 'out_of_school_rate_model' as concept,
           case level when 'prim' then 'primary' when 'lsec' then 'basic_secondary'
                when 'usec' then 'isced_3' else 'isced_1t3' end as level,
           case sex when 'total' then '_T' else sex end as sex, -1 as age, -1 as age_to,
           'share' as unit, try_cast(value as double) as value,
           'bounds ' || lower || ' to ' || upper as note, 'estimate' as flag
    from out_of_school_model
    union all
    select countrycode, cast(year as int), 'pop1014_fe', 'population', '_T', 'female', 10, 14,
           'persons', try_cast(pop1014_fe as double), cast(null as varchar), 'ok'
    from population_10_14
    union all
    select countrycode, cast(year as int), 'pop1014_ma', 'population', '_T', 'male', 10, 14,
           'persons', try_cast(pop1014_ma as double), cast(null as varchar), 'ok'
    from population_10_14
    union all
    select countrycode, cast(year as int), 'uis_ceage_1', 'entrance_age_compulsory', '_T', '_T', -1, -1,
           'years', try_cast(uis_ceage_1 as double), cast(null as varchar), 'ok'
    from primary_school_age
    union all
    select countrycode, cast(year as int), 'se_prm_durs', 'duration', 'primary', '_T', -1, -1,
           'years', try_cast(se_prm_durs as double), cast(null as varchar), 'ok'
    from primary_school_age
    union all
    select countrycode, cast(year as int), 'se_prm_tenr', 'published:ACC-NERA', 'primary', '_T', -1, -1,
           'percent', try_cast(se_prm_tenr as double), cast(null as varchar), 'ok'
    from net_enrolment
    union all
    select countrycode, cast(year as int), 'se_prm_tenr_fe', 'published:ACC-NERA', 'primary', 'female',
           -1, -1, 'percent', try_cast(se_prm_tenr_fe as double), cast(null as varchar), 'ok'
    from net_enrolment
    union all
    select countrycode, cast(year as int), 'se_prm_tenr_ma', 'published:ACC-NERA', 'primary', 'male',
           -1, -1, 'percent', try_cast(se_prm_tenr_ma as double), cast(null as varchar), 'ok'
    from net_enrolment
)
select
    c.year,
    c.countrycode as country,
    iso.code is null as is_aggregate,
    c.series,
    c.concept as concept,
    c.level as level,
    '_T' as orientation,
    c.sex as sex,
    '_T' as ownership,
    '_T' as locality,
    -1 as grade,
    c.age as age,
    c.age_to,
    cast(null as varchar) as subject,
    c.value,
    cast(null as double) as se,
    cast(null as bigint) as n,
    c.unit as unit,
    'wb_learning' as publisher,
    'context' as edition,
    cast(null as date) as published_on,
    c.flag as flag,
    arrow_cast(c.note, 'Utf8') as note
from cell as c
left join iso on iso.code = c.countrycode
where c.value is not null
