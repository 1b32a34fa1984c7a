-- staging: s10_pv
-- grain:   one row per plausible value (year, study, country, school_id, pupil_id, subject, pv)
-- source:  form S10.PV; as many plausible values as the study has
select
    year, submission, study, country, school_id, pupil_id, subject, pv, value
from raw.s10_pv
