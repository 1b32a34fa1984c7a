-- staging: s10_replicate
-- grain:   one row per replicate weight (year, study, country, school_id, pupil_id, replicate)
-- source:  form S10.REPLICATE; replicate 0 is the final weight
select
    year, submission, study, country, school_id, pupil_id, replicate, weight
from raw.s10_replicate
