-- measure: population
-- grain:   one row per (year, region, district, level, sex, locality, age)
-- unit:    persons on 1 January after the fixing of the year; by official age of each base level and, for level all, every single age
-- nulls:   no row where no population by single age is published
-- source:  form S2.POP; the newest edition of a publisher wins
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
)
select
    p.year, p.region, p.district, l.level, p.sex, p.locality, cast(p.age as varchar) as age, p.age as age_number,
    sum(p.population) as population
from person p
join ref.level l on l.age_from <= p.age and l.age_to >= p.age
group by p.year, p.region, p.district, l.level, p.sex, p.locality, p.age
