-- measure: population
-- grain:   one row per (year, region, district, level, sex, locality, age); level is final
-- unit:    persons on 1 January after the fixing of the year; by official age of each level and, for level all, every single age
-- nulls:   no row where no population by single age is published
-- source:  form S2.POP; the newest edition wins
with edition as (
    select
        *,
        dense_rank() over (
            partition by year, kato order by published_on desc nulls last, publisher, edition desc
        ) as edition_rank
    from staging.s2_pop
    where is_single_age
),
person as (
    select year - 1 as year, region, kato as district, sex, locality, age, population
    from edition
    where edition_rank = 1 and sex <> '_T' and locality <> '_T'
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
