-- staging: s12_survey
-- grain:   one row per item of a respondent (year, survey, wave, respondent_id, item)
-- source:  form S12.SURVEY
select
    year, region, submission, district, survey, wave, questionnaire, respondent_id, respondent_kind, level,
    item, status, response, weight, stratum, psu, monitoring_form
from raw.s12_survey
