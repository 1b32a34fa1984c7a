-- measure: survey_response
-- grain:   one row per (year, region, district, level, category = kind of respondent); level is final: that of the
--          questionnaire, and all
-- unit:    respondents of a survey and wave: eligible = drawn and belonging to the population of the survey;
--          completed = at least one item answered
-- nulls:   a territory without a survey has no row
-- source:  form S12.SURVEY
with respondent as (
    select
        year, region, district, survey, wave, respondent_id, level, respondent_kind,
        min(case when status = 'ineligible' then 0 else 1 end) as is_eligible,
        max(case when status = 'completed' then 1 else 0 end) as is_completed
    from staging.s12_survey
    group by year, region, district, survey, wave, respondent_id, level, respondent_kind
),
at_level as (
    select * from respondent
    union all
    select
        year, region, district, survey, wave, respondent_id, 'all', respondent_kind, is_eligible, is_completed
    from respondent
)
select
    year, region, district, level, respondent_kind as category,
    sum(is_eligible) as eligible_count, sum(is_eligible * is_completed) as completed_count
from at_level
group by year, region, district, level, respondent_kind
