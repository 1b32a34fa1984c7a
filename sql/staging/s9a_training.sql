-- staging: s9a_training
-- grain:   one row per certificate of a course (year, tid, certificate_no)
-- source:  form S9A.TRAINING
select
    year, region, submission, district, org_bin, tid, provider_bin, certificate_no, course, subject, hours,
    form, started_on, ended_on, funding, result,
    result = 'passed' as is_passed
from raw.s9a_training
