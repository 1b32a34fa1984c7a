-- measure: learner
-- grain:   one row per (year, org_bin, pid): who is enrolled on 1 October, with the latest of several enrolments
-- unit:    persons; what the learner's row says, for the measure sets that add persons up
-- nulls:   an organisation without a submission has no rows
-- source:  form S1.PUPIL; the same learners as measures.enrolment counts
with several as (
    select year, region, org_bin, pid, max(enrol_from) as latest_from
    from staging.s1_pupil
    where is_active
    group by year, region, org_bin, pid
    having count(*) > 1
)
select
    p.year, p.region, p.district, p.org_bin, p.pid, p.sex, p.language, p.level, p.grade, p.age, p.funding, p.enrol_from,
    p.is_repeater, p.is_dual, p.speciality, p.nominal_years, p.dormitory, p.home_language,
    coalesce(p.prev_grade_result = 'new_entrant', false) as is_new_entrant
from staging.s1_pupil p
left join several s on s.year = p.year and s.region = p.region and s.org_bin = p.org_bin and s.pid = p.pid
where p.is_active and (s.pid is null or p.enrol_from = s.latest_from)
