-- staging: s4b_attestation
-- grain:   one row per procedure (year, org_bin, procedure_no)
-- source:  form S4B.ATTESTATION
select
    year, region, submission, district, org_bin, procedure_no, is_planned, attempt_no, held_on, result,
    criteria_score, criteria_max, nonconformity_count
from raw.s4b_attestation
