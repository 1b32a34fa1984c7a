-- measure: out_of_school
-- grain:   one row per (year, region, district = code of the region, level, sex); level is final
-- unit:    persons of the official age of the level: the population, and those of it who are enrolled at no level
-- nulls:   a region without population by single age, or from which nobody reports learners, has no row: its children
--          are not out of school, they are not known
-- source:  form S1.PUPIL; measures.population; official ages of ref.level
-- Higher education is no level of paragraph 5: who is there at an official age of these levels counts as out of school.
with reported as (
    select year, region, count(*) as enrolment_count
    from staging.s1_pupil
    group by year, region
),
learner as (
    select e.year, e.region, l.level, e.sex, sum(e.learner_count) as learner_count
    from measures.enrolment e
    join ref.level l on e.age_number between l.age_from and l.age_to
    group by e.year, e.region, l.level, e.sex
),
person as (
    select year, region, level, sex, sum(population) as population
    from measures.population
    where level <> 'all'
    group by year, region, level, sex
)
select
    p.year, p.region, p.region * 10000000 as district, p.level, p.sex, p.population,
    p.population - coalesce(l.learner_count, 0) as out_of_school_count
from person p
join reported r on r.year = p.year and r.region = p.region
left join learner l on l.year = p.year and l.region = p.region and l.level = p.level and l.sex = p.sex
