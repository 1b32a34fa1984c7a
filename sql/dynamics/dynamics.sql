-- mart: dynamics
-- grain:  one row per row of mart.indicator with a value
-- unit:   change in the indicator's unit (percentage points for percent); change_pct and cagr_5y in percent;
--         index_base = 100 in base_year, the first year with a value
-- nulls:  no change without two values; no percentage from a value of zero; no significance without two standard errors
-- source: mart.series. Any two years: mart.span; the trend of a comparable stretch: mart.trend
with based as (
    select
        *,
        first_value(value) over (
            partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
            order by year
        ) as base_value,
        first_value(year) over (
            partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
            order by year
        ) as base_year,
        max(value) over (
            partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
            order by year range between 5 preceding and 5 preceding
        ) as value_5y,
        value - value_prev as change,
        sqrt(se * se + se_prev * se_prev) as change_se
    from mart.series
)
select
    indicator, definition_version, year, academic_year, tier, geo_id, geo_code, geo_name_kk, geo_name_ru,
    geo_name_en, parent_code, level, breakdown, sex, locality, language, ownership, study_form, grade, age,
    subject, category, numerator, denominator, value, unit, se, n, coverage, flag, status, source,
    year_prev, value_prev, change,
    change * 100 / nullif(abs(value_prev), 0) as change_pct,
    case when value > 0 and value_5y > 0 then (power(value / value_5y, 0.2) - 1) * 100 end as cagr_5y,
    value * 100 / nullif(base_value, 0) as index_base,
    base_year,
    case when value_prev is not null then break_reason is null end as comparable,
    break_reason, change_se,
    abs(change) / nullif(change_se, 0) > z.significance_z as significant
from based
cross join (
    select cast(value as double) as significance_z
    from ref.parameter_latest
    where name = 'significance_z'
) z
