-- staging: s9b_certification
-- grain:   one row per stage (year, tid, application_no, stage)
-- source:  form S9B.CERTIFICATION
select
    year, region, submission, district, org_bin, tid, sex, application_no, stage, category_applied,
    category_before, is_head, score_percent, held_on, result, valid_to, commission
from raw.s9b_certification
