-- measure: population
-- grain:   one row per (year, region, district = code of the region, level, sex, locality, age); level is final
-- unit:    persons; year is the reporting year: its population is that of the 1 January after the as-of date,
--          three months away; by official age of each level and, for level all, every single age
-- nulls:   no row where no population by single age is published
-- source:  form S2.POP, regions only: rows of districts and of the country are parts and sums of them;
--          the newest edition wins; ref.parameter population_year_offset
with edition as (
    select
        *,
        dense_rank() over (
            partition by year, kato order by published_on desc nulls last, publisher, edition desc
        ) as edition_rank
    from staging.s2_pop
    where is_single_age and kato > 0 and kato % 10000000 = 0
),
person as (
    select
        cast(e.year - o.value as int) as year, e.region, e.kato as district, e.sex, e.locality, e.age, e.population
    from edition e
    cross join ref.parameter_latest o
    where
        o.name = 'population_year_offset' and e.edition_rank = 1 and e.sex <> '_T' and e.locality <> '_T'
),
at_level as (
    select p.*, l.level
    from person p
    join ref.level l on p.age between l.age_from and l.age_to and l.level <> 'all'
    union all
    select p.*, 'all' as level
    from person p
)
select
    year, region, district, level, sex, locality, cast(age as varchar) as age, age as age_number,
    sum(population) as population
from at_level
group by year, region, district, level, sex, locality, age
