-- 10, class C: gross enrolment of primary education: learners against the children of six to nine
-- grain: one row per (year, region); population is that of the 1 January after
with learners as (
    select year, region, count(*) as learners
    from raw.s1_pupil
    where enrol_to is null and level = 'primary'
    group by year, region
),
children as (
    select year - 1 as year, region, sum(population) as children
    from raw.s2_pop
    where sex = '_T' and locality = '_T' and age between 6 and 9 and age_to between 6 and 9
    group by year, region
)
select
    l.year as year, l.region as region, l.learners as learners, c.children as children,
    100.0 * cast(l.learners as double) / cast(c.children as double) as gross_enrolment
from learners l
join children c on c.year = l.year and c.region = l.region
order by year, region
