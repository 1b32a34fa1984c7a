-- measure: queue
-- grain:   one row per (year, region, district = code of the region, level, sex); level is final
-- unit:    children of the ages of the queue: those who wait without a place, and the population of these ages;
--          a child with several applications counts once, and not at all when one of them has led to a referral by
--          1 October; an application made or answered later is judged as of that day
-- nulls:   a region whose queue is not reported has no row, not even of its population; neither has one of which no
--          population is published: its children are over nobody
-- source:  form S1.QUEUE; measures.population; ref.parameter queue_age_from, queue_age_to
with child as (
    select
        q.year, q.region, q.pid, max(q.sex) as sex,
        min(case when q.is_placed then 0 else 1 end) as is_without_place,
        max(case when q.is_waiting then 1 else 0 end) as is_waiting
    from staging.s1_queue q
    join ref.parameter_year l on l.name = 'queue_age_from' and l.year = q.year
    join ref.parameter_year h on h.name = 'queue_age_to' and h.year = q.year
    where q.age between l.value and h.value
    group by q.year, q.region, q.pid
),
reported as (
    select year, region, count(*) as application_count
    from staging.s1_queue
    group by year, region
),
person as (
    select p.year, p.region, p.sex, p.population
    from measures.population p
    join reported r on r.year = p.year and r.region = p.region
    join ref.parameter_year l on l.name = 'queue_age_from' and l.year = p.year
    join ref.parameter_year h on h.name = 'queue_age_to' and h.year = p.year
    where p.level = 'all' and p.age_number between l.value and h.value
),
populated as (
    select year, region, count(*) as row_count
    from person
    group by year, region
),
counted as (
    select c.year, c.region, c.sex, c.is_waiting * c.is_without_place as waiting_count, 0 as population
    from child c
    join populated p on p.year = c.year and p.region = c.region
    union all
    select year, region, sex, 0, population
    from person
)
select
    year, region, region * 10000000 as district, 'pre_school' as level, sex,
    sum(waiting_count) as waiting_count, sum(population) as population
from counted
group by year, region, sex
