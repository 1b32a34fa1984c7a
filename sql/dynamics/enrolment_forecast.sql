-- mart: enrolment_forecast
-- grain:  one row per (tier, geo_code, grade, year ahead): region or republic; grade _T is all grades
-- unit:   pupils of schools
-- nulls:  no row from fewer than 5 consecutive years after the last break
-- source: mart.forecast_input (CON-01 by grade), measures.population by single age, ref.parameter entry_age. Pupils move on in
--         the proportion of the last three years, children of entry age enter in that of the last three; where no
--         population is published the last intake enters again
with pupil as (
    select
        tier, geo_code, max(geo_id) over (partition by tier, geo_code) as geo_id,
        max(geo_name_kk) over (partition by tier, geo_code) as geo_name_kk,
        max(geo_name_ru) over (partition by tier, geo_code) as geo_name_ru,
        max(geo_name_en) over (partition by tier, geo_code) as geo_name_en,
        max(parent_code) over (partition by tier, geo_code) as parent_code, year, value, try_cast(grade as int) as grade, horizon,
        min(year) over (partition by tier, geo_code, grade) as first_year
    from mart.forecast_input
    where
        indicator = 'CON-01' and level = 'school' and breakdown = 'grade' and tier in ('region', 'republic')
        and try_cast(grade as int) is not null
),
comparable as (
    select *, max(first_year) over (partition by tier, geo_code) as common_year
    from pupil
),
child as (
    select 'region' as tier, cast(district as varchar) as geo_code, year, age_number, sum(population) as population
    from measures.population
    where level = 'all'
    group by district, year, age_number
    union all
    select 'republic' as tier, 'KZ' as geo_code, year, age_number, sum(population) as population
    from measures.population
    where level = 'all'
    group by year, age_number
),
counted as (
    select
        tier, geo_code, geo_id, geo_name_kk, geo_name_ru, geo_name_en, parent_code, cast(year as double) as year, value, cast(grade as double) as grade,
        cast(null as double) as age, horizon
    from comparable
    where year >= common_year
    union all
    select
        c.tier, c.geo_code, null, null, null, null, null, cast(c.year as double), cast(c.population as double),
        cast(null as double), cast(c.age_number as double), p.horizon
    from child c
    join (
        select tier, geo_code, max(horizon) as horizon
        from comparable
        group by tier, geo_code
    ) p on p.tier = c.tier and p.geo_code = c.geo_code
),
moved as (
    select
        tier, geo_code, max(geo_id) as geo_id, max(geo_name_kk) as geo_name_kk, max(geo_name_ru) as geo_name_ru,
        max(geo_name_en) as geo_name_en, max(parent_code) as parent_code,
        enrolment_forecast(year, value, grade, age, horizon, entry_age) as ahead
    from counted
    cross join (
        select cast(value as double) as entry_age
        from ref.parameter_latest
        where name = 'entry_age'
    ) e
    group by tier, geo_code
),
listed as (
    select *, unnest(ahead) as one
    from moved
)
select
    'CON-01' as indicator, tier, 'school' as level,
    case when get_field(one, 'grade') is null then 'total' else 'grade' end as breakdown,
    '_T' as sex, '_T' as locality, '_T' as language, '_T' as ownership, '_T' as study_form,
    coalesce(cast(get_field(one, 'grade') as varchar), '_T') as grade, '_T' as age, '_T' as subject, '_T' as category,
    geo_id, geo_code, geo_name_kk, geo_name_ru, geo_name_en, parent_code, 'persons' as unit,
    get_field(one, 'origin_year') as origin_year, get_field(one, 'year') as year, get_field(one, 'value') as value,
    get_field(one, 'lo80') as lo80, get_field(one, 'hi80') as hi80, get_field(one, 'lo95') as lo95,
    get_field(one, 'hi95') as hi95, get_field(one, 'backtest_error') as backtest_error
from listed
