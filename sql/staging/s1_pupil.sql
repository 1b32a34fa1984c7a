-- staging: s1_pupil
-- grain:   one row per enrolment (year, org_bin, pid, enrol_from)
-- unit:    age in full years on 1 September of the year: who is born in September or later
--          has not had the birthday yet (the day of birth is not collected)
-- source:  form S1.PUPIL; is_active = enrolled on 1 October of the year; is_arrival and is_leaver = moved in
--          the twelve months up to it: new entrants have not moved, nor who has completed the level
select
    year, region, submission, district, org_bin, pid, birth, sex, level, grade, class_letter,
    language, shift, study_form, funding, has_sen, citizenship, home_language, residence,
    enrol_from, enrol_to, exit_reason, prev_grade_result, is_dual, employer_bin, speciality, nominal_years,
    dormitory, destination,
    year - birth / 100 - case when birth % 100 >= 9 then 1 else 0 end as age,
    enrol_from <= make_date(year, 10, 1)
    and (enrol_to is null or enrol_to > make_date(year, 10, 1)) as is_active,
    coalesce(prev_grade_result = 'repeated', false) as is_repeater,
    enrol_from > make_date(year - 1, 10, 1) and enrol_from <= make_date(year, 10, 1)
    and coalesce(prev_grade_result <> 'new_entrant', true) as is_arrival,
    coalesce(enrol_to > make_date(year - 1, 10, 1) and enrol_to <= make_date(year, 10, 1), false)
    and coalesce(exit_reason <> 'completed', true) as is_leaver
from raw.s1_pupil
