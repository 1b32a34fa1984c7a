-- staging: s1_meal
-- grain:   one row per (year, org_bin, grade, kind)
-- source:  form S1.MEAL
select
    year, region, submission, district, org_bin, grade, kind, pupil_count, cost_kzt, parent_pays_kzt,
    case
        when grade = 0 then 'pre_school'
        when grade <= 4 then 'primary'
        when grade <= 9 then 'basic_secondary'
        else 'general_secondary'
    end as level
from raw.s1_meal
