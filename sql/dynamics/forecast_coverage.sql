-- mart: forecast_coverage
-- grain:  one row per (indicator, tier, level, breakdown): all series of the kind together
-- unit:   trials are years forecast of a past that is known; coverage_80 and coverage_95 the share of them, in percent,
--         within the 80 and the 95 % interval
-- nulls:  no coverage without a trial: series of at least 6 years
-- source: mart.forecast_input: at every year from the fifth on, the whole procedure of mart.forecast (approach series) on
--         what was known then
with tried as (
    select
        indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit,
        forecast_coverage(year, value, horizon, lower_bound, upper_bound) as found
    from mart.forecast_input
    group by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
)
select
    indicator, tier, level, breakdown, count(*) as series_count, sum(get_field(found, 'trials')) as trials,
    sum(get_field(found, 'inside_80')) * 100.0 / nullif(sum(get_field(found, 'trials')), 0) as coverage_80,
    sum(get_field(found, 'inside_95')) * 100.0 / nullif(sum(get_field(found, 'trials')), 0) as coverage_95
from tried
group by indicator, tier, level, breakdown
