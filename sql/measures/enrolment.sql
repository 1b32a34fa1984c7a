-- measure: enrolment
-- grain:   one row per (year, region, district, org_bin, level, grade, age, sex, language, study_form)
-- unit:    persons
-- nulls:   an organisation without a submission has no rows and lowers coverage
-- source:  form S1.PUPIL; Rules, paragraph 7, administrative data
select
    year, region, district, org_bin, level, cast(grade as varchar) as grade, cast(age as varchar) as age, sex, language,
    study_form, grade as grade_number, age as age_number,
    sum(case when is_active then 1 else 0 end) as learner_count,
    sum(case when is_active and has_sen then 1 else 0 end) as sen_count,
    sum(case when is_active and is_repeater then 1 else 0 end) as repeater_count,
    sum(case when is_active and shift >= 2 then 1 else 0 end) as later_shift_count,
    sum(case when is_arrival then 1 else 0 end) as arrival_count,
    sum(case when is_leaver then 1 else 0 end) as leaver_count
from staging.s1_pupil
group by year, region, district, org_bin, level, grade, age, sex, language, study_form
