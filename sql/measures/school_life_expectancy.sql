-- measure: school_life_expectancy
-- grain:   one row per (year, territory, level, sex); indicator ACC-12, not additive: a sum over ages of ratios
-- unit:    years; n is the population of the ages
-- nulls:   not_available where learners of an age have no population beside them; a region without population by single
--          age, or from which nobody reports learners, has no row and is no part of the republic
-- source:  form S1.PUPIL; measures.population; ref.parameter life_expectancy_age_from, life_expectancy_age_to
with band as (
    select
        max(case when name = 'life_expectancy_age_from' then value end) as age_from,
        max(case when name = 'life_expectancy_age_to' then value end) as age_to
    from ref.parameter_latest
    where name in ('life_expectancy_age_from', 'life_expectancy_age_to')
),
reported as (
    select year, region, count(*) as enrolment_count
    from staging.s1_pupil
    group by year, region
),
person as (
    select p.year, p.region, p.sex, p.age_number, sum(p.population) as population
    from measures.population p
    cross join band b
    where p.level = 'all' and p.age_number between b.age_from and b.age_to
    group by p.year, p.region, p.sex, p.age_number
),
counted_region as (
    select r.year, r.region, count(*) as age_count
    from reported r
    join person p on p.year = r.year and p.region = r.region
    group by r.year, r.region
),
learner as (
    select e.year, e.region, l.level, e.sex, e.age_number, sum(e.learner_count) as learner_count
    from measures.enrolment e
    join ref.level_member l on l.member = e.level
    join counted_region c on c.year = e.year and c.region = e.region
    cross join band b
    where e.age_number between b.age_from and b.age_to
    group by e.year, e.region, l.level, e.sex, e.age_number
),
-- every age of every level of a region that counts, with its learners and its population
part as (
    select year, region, level, sex, age_number, learner_count, 0 as population
    from learner
    union all
    select p.year, p.region, l.level, p.sex, p.age_number, 0, p.population
    from person p
    join counted_region c on c.year = p.year and c.region = p.region
    cross join ref.level l
),
of_sex as (
    select year, region, level, sex, age_number, learner_count, population from part
    union all
    select year, region, level, '_T', age_number, learner_count, population from part
),
by_age as (
    select
        year, 'region' as tier, cast(region * 10000000 as varchar) as geo_code, level, sex, age_number,
        sum(learner_count) as learner_count, sum(population) as population
    from of_sex
    group by year, region, level, sex, age_number
    union all
    select
        year, 'republic' as tier, 'KZ' as geo_code, level, sex, age_number, sum(learner_count) as learner_count,
        sum(population) as population
    from of_sex
    group by year, level, sex, age_number
),
-- ratios become decimals before they are summed, so that the order of ages changes nothing
summed as (
    select
        year, tier, geo_code, level, sex, sum(population) as population,
        sum(case when learner_count > 0 and population = 0 then 1 else 0 end) as unknown_count,
        sum(cast(cast(learner_count as double) / nullif(population, 0) as decimal(24, 14))) as expectancy
    from by_age
    group by year, tier, geo_code, level, sex
)
select
    'ACC-12' as indicator, year, tier, geo_code, level, sex, '_T' as locality, '_T' as language, '_T' as ownership,
    '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject, '_T' as category,
    cast(null as double) as numerator, cast(null as double) as denominator,
    case when unknown_count = 0 then cast(expectancy as double) end as value, cast(null as double) as se,
    population as n, 'ok' as flag, year_status(year) as status, 'S1+S2' as source, cast(null as varchar) as edition,
    cast(null as date) as published_on, 0 as preference
from summed
