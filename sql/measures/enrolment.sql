-- measure: enrolment
-- grain:   one row per (year, region, district, org_bin, level, grade, age, sex, language, study_form)
-- unit:    persons; a learner with several active enrolments in an organisation counts once, with the latest;
--          arrivals and leavers are enrolments
-- nulls:   an organisation without a submission has no rows and lowers coverage
-- source:  form S1.PUPIL; Rules, paragraph 7, administrative data
with several as (
    select year, region, org_bin, pid, max(enrol_from) as latest_from
    from staging.s1_pupil
    where is_active
    group by year, region, org_bin, pid
    having count(*) > 1
),
enrolment as (
    select p.*, p.is_active and (s.pid is null or p.enrol_from = s.latest_from) as is_learner
    from staging.s1_pupil p
    left join several s
        on s.year = p.year and s.region = p.region and s.org_bin = p.org_bin and s.pid = p.pid
)
select
    year, region, district, org_bin, level, cast(grade as varchar) as grade, cast(age as varchar) as age, sex, language,
    study_form, grade as grade_number, age as age_number,
    sum(case when is_learner then 1 else 0 end) as learner_count,
    sum(case when is_learner and has_sen then 1 else 0 end) as sen_count,
    sum(case when is_learner and is_repeater then 1 else 0 end) as repeater_count,
    sum(case when is_learner and shift >= 2 then 1 else 0 end) as later_shift_count,
    sum(case when is_arrival then 1 else 0 end) as arrival_count,
    sum(case when is_leaver then 1 else 0 end) as leaver_count
from enrolment
group by year, region, district, org_bin, level, grade, age, sex, language, study_form
