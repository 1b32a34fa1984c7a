-- staging: s10_pupil
-- grain:   one row per pupil of a study (year, study, country, school_id, pupil_id)
-- source:  form S10.PUPIL
select
    year, submission, study, country, area_code, area_name, school_id, school_name, pupil_id, sex, birth_year,
    ownership, locality, shift, score_mathematics, score_language, score_science, score_social, score_philosophy,
    score_english, score_total, weight, rank, escs
from raw.s10_pupil
