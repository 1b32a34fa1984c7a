-- staging: s11_monitoring
-- grain:   one row per result (year, study, pid, grade, domain)
-- source:  form S11.MONITORING
select
    year, region, submission, district, org_bin, study, pid, sex, grade, language, domain, score, score_max,
    level_reached, weight, stratum, psu, monitoring_form,
    case when grade <= 4 then 'primary' when grade <= 9 then 'basic_secondary' else 'general_secondary' end as level
from raw.s11_monitoring
