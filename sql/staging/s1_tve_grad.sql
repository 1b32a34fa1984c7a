-- staging: s1_tve_grad
-- grain:   one row per graduate and qualification (year, org_bin, pid, qualification)
-- source:  form S1.TVE_GRAD
select
    year, region, submission, district, org_bin, pid, sex, level, language, speciality, qualification,
    graduated_on, order_kind, employed_on, employer_bin, is_in_field, is_continuing, exempt_reason
from raw.s1_tve_grad
