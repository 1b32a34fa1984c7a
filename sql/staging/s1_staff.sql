-- staging: s1_staff
-- grain:   one row per position (year, org_bin, tid, position)
-- unit:    age in full years on 1 October: who is born in October has had the birthday only
--          if born on the first, which is not collected, and counts as not yet
-- source:  form S1.STAFF; is_counted = a teacher by main job who has not left
select
    year, region, submission, district, org_bin, tid, sex, birth, position, is_teacher, education, subject,
    load_hours, rate_fte, is_main_job, experience_years, category, category_from, category_to, salary_band,
    left_reason, has_pedagogical_education,
    year - birth / 100 - case when birth % 100 >= 10 then 1 else 0 end as age,
    is_teacher and is_main_job and left_reason is null as is_counted
from raw.s1_staff
