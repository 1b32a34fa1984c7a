-- mart: forecast_input
-- grain:  one row per year of the last comparable stretch of a series, district and above
-- unit:   of the indicator; weight turns a value into an amount that adds up: the denominator of a ratio of sums, 1 of a count
-- nulls:  weight of what is published as a ratio only; no bound below of a series that has been negative, above of what is
--         no share: a percent that has been above 100
-- source: mart.series, ref.parameter forecast_horizon_years. Organisations are not forecast: too few years, too few persons
with stretch as (
    select
        *,
        max(segment) over (partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit) as last_segment,
        min(value) over (partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit) as least,
        max(value) over (partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit) as most
    from mart.series
    where tier in ('district', 'region', 'republic', 'international') and not (tier = 'district' and geo_code = parent_code)
)
select
    indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category,
    series_unit, geo_id, geo_code, geo_name_kk, geo_name_ru, geo_name_en, parent_code, unit, year, value, segment,
    case when denominator > 0 then denominator when numerator is not null then 1.0 end as weight,
    cast(h.horizon as double) as horizon,
    case when least >= 0 then 0.0 end as lower_bound,
    case when unit = 'percent' and most <= 100 then 100.0 when unit = 'index' and most <= 2 then 2.0 end as upper_bound
from stretch
cross join (
    select value as horizon
    from ref.parameter_latest
    where name = 'forecast_horizon_years'
) h
where segment = last_segment
