-- staging: s6_exam
-- grain:   one row per exam (year, org_bin, pid, exam_grade, subject, attempt)
-- source:  form S6.EXAM
select
    year, region, submission, district, org_bin, pid, sex, language, exam_grade,
    case when exam_grade = 9 then 'basic_secondary' else 'general_secondary' end as level,
    subject, attempt, form, score_raw, score_max, mark, is_admitted, honours
from raw.s6_exam
