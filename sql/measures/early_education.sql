-- measure: early_education
-- grain:   one row per (year, region, district = code of the region, level, sex, age); level is final
-- unit:    persons of a single age: learners of pre-school and of primary education, those of grade 1, and the population
-- nulls:   a region whose population by single age is not published has no row; an age that nobody reports has counts
--          of NULL, grade_1_count zero: who is in grade 1 is taken out of the population
-- source:  form S1.PUPIL; measures.population
with learner as (
    select
        year, region, sex, age,
        sum(case when level = 'pre_school' then learner_count else 0 end) as pre_school_count,
        sum(case when level = 'primary' then learner_count else 0 end) as primary_count,
        sum(case when level = 'primary' and grade_number = 1 then learner_count else 0 end) as grade_1_count
    from measures.enrolment
    where level in ('pre_school', 'primary')
    group by year, region, sex, age
),
person as (
    select year, region, sex, age, age_number, sum(population) as population
    from measures.population
    where level = 'all'
    group by year, region, sex, age, age_number
)
select
    p.year, p.region, p.region * 10000000 as district, 'pre_school' as level, p.sex, p.age, p.age_number,
    l.pre_school_count, l.pre_school_count + l.primary_count as participant_count,
    coalesce(l.grade_1_count, 0) as grade_1_count, p.population
from person p
left join learner l on l.year = p.year and l.region = p.region and l.sex = p.sex and l.age = p.age
