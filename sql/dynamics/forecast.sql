-- mart: forecast
-- grain:  one row per series, approach and year ahead (parameter forecast_horizon_years)
-- unit:   of the indicator; backtest_error is the mean absolute error of the rolling-origin backtest; reconciled_share in
--         0..1: what of the republic the regions with a forecast held in the origin year
-- nulls:  no reconciled value of districts and countries, of ratios published without their terms, and in the cohort approach
-- source: mart.forecast_input; mart.enrolment_forecast. Never from fewer than 5 consecutive years, never across a break;
--         intervals from what the same procedure missed before (mart.forecast_coverage counts how they fared)
-- approach series: best of naive, drift, damped trend and ETS; cohort: grade progression, CON-01 of schools only.
-- Reconciled: value_proportional scales the regions to the republic's forecast, value_bottom_up is the sum of the regions;
-- regions without a forecast keep their share. Ratios are summed as amounts at the last denominators.
with drawn as (
    select
        indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category,
        series_unit, last_value(geo_id order by year) as geo_id, last_value(geo_code order by year) as geo_code,
        last_value(geo_name_kk order by year) as geo_name_kk, last_value(geo_name_ru order by year) as geo_name_ru,
        last_value(geo_name_en order by year) as geo_name_en, last_value(parent_code order by year) as parent_code,
        max(unit) as unit, last_value(weight order by year) as weight, last_value(value order by year) as value_last,
        max(upper_bound) as upper_bound, forecast(year, value, horizon, lower_bound, upper_bound) as ahead
    from mart.forecast_input
    group by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
),
listed as (
    select *, unnest(ahead) as one
    from drawn
),
stepped as (
    select
        indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category,
        geo_id, geo_code, geo_name_kk, geo_name_ru, geo_name_en, parent_code, unit, weight, value_last, upper_bound,
        get_field(one, 'method') as method, get_field(one, 'origin_year') as origin_year, get_field(one, 'year') as year,
        get_field(one, 'value') as value, get_field(one, 'lo80') as lo80, get_field(one, 'hi80') as hi80,
        get_field(one, 'lo95') as lo95, get_field(one, 'hi95') as hi95, get_field(one, 'backtest_error') as backtest_error
    from listed
),
summed as (
    select
        *,
        sum(case when tier = 'region' then value * weight end) over (
            partition by indicator, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, origin_year, year
        ) as region_amount,
        max(case when tier = 'republic' then value * weight end) over (
            partition by indicator, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, origin_year, year
        ) as republic_amount,
        sum(case when tier = 'region' then value_last * weight end) over (
            partition by indicator, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, origin_year, year
        ) / nullif(max(case when tier = 'republic' then value_last * weight end) over (
            partition by indicator, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, origin_year, year
        ), 0) as share
    from stepped
)
select
    indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category,
    geo_id, geo_code, geo_name_kk, geo_name_ru, geo_name_en, parent_code, unit, 'series' as approach, method, origin_year, year,
    value, lo80, hi80, lo95, hi95, backtest_error,
    case
        when tier = 'region' then least(value * republic_amount * share / nullif(region_amount, 0), upper_bound)
        when tier = 'republic' and region_amount is not null then value
    end as value_proportional,
    case
        when tier = 'region' and republic_amount is not null then value
        when tier = 'republic' then least(region_amount / nullif(share, 0) / nullif(weight, 0), upper_bound)
    end as value_bottom_up,
    case when tier in ('region', 'republic') then share end as reconciled_share
from summed
union all
select
    indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category,
    geo_id, geo_code, geo_name_kk, geo_name_ru, geo_name_en, parent_code, unit, 'cohort' as approach, 'grade_progression' as method,
    origin_year, year, value, lo80, hi80, lo95, hi95, backtest_error, null, null, null
from mart.enrolment_forecast
