-- staging: s1_class
-- grain:   one row per class-set (year, org_bin, class_id)
-- source:  form S1.CLASS
select year, region, submission, district, org_bin, class_id, level, grade, grade_to, language, shift, pupil_count
from raw.s1_class
