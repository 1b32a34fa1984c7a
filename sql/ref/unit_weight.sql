-- ref: unit_weight
-- grain:  one row per (weight_kind, year, geo_id): what a unit weighs where it is a part of another
-- unit:   persons. A region stands under the identity of its unallocated unit, with all its persons
-- nulls:  no row where nothing is known
-- source: staging.s1_pupil (pupils), measures.published_value (published pupils), staging.s2_pop (population of the
--         1 January after the as-of date); preference 1 is best; of several editions the largest number
with pupil as (
    select year, region, district, count(distinct pid) as amount
    from staging.s1_pupil
    where is_active
    group by year, region, district
),
unit_pupil as (
    select year, district as code, amount
    from pupil
    where district <> region * 10000000
    union all
    select year, region * 10000000 as code, sum(amount) as amount
    from pupil
    group by year, region
),
population as (
    select cast(p.year - o.value as int) as year, p.kato as code, p.edition, sum(p.population) as amount
    from staging.s2_pop p
    cross join ref.parameter_latest o
    where
        o.name = 'population_year_offset' and p.kato > 0
        and (p.age = -1 and p.sex = '_T' and p.locality = '_T' or p.is_single_age and p.sex <> '_T' and p.locality <> '_T')
    group by p.year - o.value, p.kato, p.edition
),
weighed as (
    select 1 as preference, 'pupils' as weight_kind, year, code, amount
    from unit_pupil
    union all
    select 2, 'published pupils', year, try_cast(geo_code as int), max(cast(numerator as bigint))
    from measures.published_value
    where
        indicator = 'CON-01' and tier = 'region' and sex = '_T' and locality = '_T' and study_form = '_T'
    group by year, geo_code
    union all
    select 3, 'population', year, code, max(amount)
    from population
    group by year, code
)
select w.preference, w.weight_kind, w.year, g.geo_id, w.amount
from weighed w
join ref.geo_year g on g.year = w.year and g.tier = 'district' and g.kato_code = w.code
where w.amount > 0
