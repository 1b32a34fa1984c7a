-- measure: survey_answer
-- grain:   one row per (indicator, year, region, stratum, psu, person, level, subject)
-- unit:    weighted points and weighted maximum (MON-01); weight of the results at medium level or above and of all
--          (MON-02); weight of the answers that count and of all (SOC-01, SOC-03); exact decimals
-- nulls:   who was drawn and did not answer has zeros and is_answer = false, so that the sampling unit stays in the
--          design
-- source:  forms S11.MONITORING (study modo), S12.SURVEY (items satisfaction, bullying)
-- The person of MON-01 and MON-02 is a pupil; that of SOC-01 and SOC-03 a respondent of a survey and wave, never a
-- pseudonym. A result without a level is in MON-01 only. SOC-03: learners bullied once a month or more.
select
    'MON-01' as indicator, year, region, stratum, psu, cast(pid as varchar) as person, level, sex, language,
    domain as subject, '_T' as category, true as is_answer,
    cast(weight * score as decimal(24, 6)) as counted, cast(weight * score_max as decimal(24, 6)) as base
from staging.s11_monitoring
where study = 'modo'
union all
select
    'SOC-01', year, region, concat(survey, ' ', wave, ' ', stratum), psu, concat(survey, ' ', wave, ' ', respondent_id),
    level, '_T', '_T', '_T', respondent_kind, status = 'completed',
    cast(case when response in ('satisfied', 'partly_satisfied') then weight else 0 end as decimal(24, 6)),
    cast(case when status = 'completed' then weight else 0 end as decimal(24, 6))
from staging.s12_survey
where item = 'satisfaction'
union all
select
    'MON-02', year, region, stratum, psu, cast(pid as varchar), level, sex, language, domain, '_T',
    level_reached is not null,
    cast(case when level_reached in ('medium', 'high') then weight else 0 end as decimal(24, 6)),
    cast(case when level_reached is not null then weight else 0 end as decimal(24, 6))
from staging.s11_monitoring
where study = 'modo'
union all
select
    'SOC-03', year, region, concat(survey, ' ', wave, ' ', stratum), psu, concat(survey, ' ', wave, ' ', respondent_id),
    level, '_T', '_T', '_T', '_T', status = 'completed',
    cast(case when response in ('monthly', 'weekly') then weight else 0 end as decimal(24, 6)),
    cast(case when status = 'completed' then weight else 0 end as decimal(24, 6))
from staging.s12_survey
where item = 'bullying' and respondent_kind = 'pupil'
