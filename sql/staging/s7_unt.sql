-- staging: s7_unt
-- grain:   one row per (year, pid, session, attempt, subject)
-- source:  form S7.UNT; sitting_order puts the sessions of a year in order of time
select
    year, region, submission, district, org_bin, pid, sex, language, leaver_year, session, attempt, profile,
    subject, score, score_max, total, total_max, status, grant_applied, grant_awarded,
    status = 'valid' as is_valid,
    case session when 'january' then 10 when 'march' then 20 when 'main' then 30 else 40 end + attempt
        as sitting_order
from raw.s7_unt
