-- staging: s1_extra
-- grain:   one row per activity of a pupil (year, org_bin, pid, circle)
-- source:  form S1.EXTRA; who attends nothing has one row with circle none
select
    year, region, submission, district, org_bin, pid, sex, level, grade, language, circle, provider,
    hours_week, is_free,
    circle <> 'none' as is_attended
from raw.s1_extra
