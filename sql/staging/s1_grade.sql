-- staging: s1_grade
-- grain:   one row per mark (year, org_bin, pid, period, subject)
-- source:  form S1.GRADE
select
    year, region, submission, district, org_bin, pid, sex, level, grade, language, period, subject, mark, status,
    period = 'final' and status = 'attested' as is_final_mark
from raw.s1_grade
