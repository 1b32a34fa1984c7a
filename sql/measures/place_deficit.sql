-- measure: place_deficit
-- grain:   one row per (year, region, district, org_bin, level); level, school, is final
-- unit:    places: learners of school levels beyond the places of an active school in the allowed shifts, never below
--          zero: spare places of one school seat nobody of another, so the difference is taken school by school
-- nulls:   only organisations with passport and learners reported enter; a school without a deficit is a zero
-- source:  forms S1.ORG and S1.PUPIL; ref.parameter allowed_shifts, allowed_shifts_strict
with learner as (
    select e.year, e.org_bin, sum(e.learner_count) as learner_count
    from measures.enrolment e
    join ref.level_member l on l.member = e.level and l.level = 'school'
    group by e.year, e.org_bin
),
school as (
    select
        o.year, o.region, o.district, o.org_bin, coalesce(l.learner_count, 0) as learner_count,
        cast(k.value * o.design_capacity as bigint) as place_count,
        cast(s.value * o.design_capacity as bigint) as strict_place_count
    from ref.organisation o
    left join learner l on l.year = o.year and l.org_bin = o.org_bin
    join ref.parameter_year k on k.name = 'allowed_shifts' and k.year = o.year
    join ref.parameter_year s on s.name = 'allowed_shifts_strict' and s.year = o.year
    where o.is_active and o.is_school
)
select
    year, region, district, org_bin, 'school' as level,
    case when learner_count > place_count then learner_count - place_count else 0 end as deficit_count,
    case when learner_count > strict_place_count then learner_count - strict_place_count else 0 end
        as strict_deficit_count
from school
