-- mart: dynamics
-- grain:  one row per row of mart.indicator
-- unit:   change in the indicator's unit (percentage points for percent); change_pct and cagr_5y in percent;
--         index_base = 100 in base_year, the first year with a value
-- nulls:  no change without two values; no percentage from a value of zero
-- source: mart.indicator; breaks of the definition, boundaries of the territory from ref.boundary
with unit_value as (
    select
        i.*, split_part(i.indicator, ':', -1) as base_indicator,
        coalesce(cast(i.geo_id as varchar), i.geo_code) as series_unit
    from mart.indicator i
    where i.value is not null
),
described as (
    select u.*, g.boundary_version, coalesce(e.epoch, 0) as epoch, e.break_reason as epoch_reason
    from unit_value u
    left join ref.boundary g on g.geo_id = u.geo_id and g.year = u.year and g.tier = u.tier
    left join ref.indicator_epoch e on e.indicator = u.base_indicator and e.year = u.year
),
followed as (
    select
        *,
        lag(year) over series as year_prev,
        lag(value) over series as value_prev,
        lag(se) over series as se_prev,
        lag(definition_version) over series as definition_version_prev,
        lag(boundary_version) over series as boundary_version_prev,
        lag(epoch) over series as epoch_prev,
        lag(source) over series as source_prev,
        first_value(value) over series as base_value,
        first_value(year) over series as base_year,
        max(value) over (
            partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
            order by year range between 5 preceding and 5 preceding
        ) as value_5y
    from described
    window series as (
        partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
        order by year
    )
),
compared as (
    select
        *,
        value - value_prev as change,
        case
            when value_prev is null then null
            when definition_version <> definition_version_prev then 'definition'
            when epoch <> epoch_prev then epoch_reason
            when boundary_version <> boundary_version_prev then 'boundaries of the territory'
            when source <> source_prev then 'source'
        end as break_reason,
        sqrt(se * se + se_prev * se_prev) as change_se
    from followed
)
select
    indicator, definition_version, year, academic_year, tier, geo_id, geo_code, geo_name_kk, geo_name_ru,
    geo_name_en, parent_code, level, breakdown, sex, locality, language, ownership, study_form, grade, age,
    subject, category, numerator, denominator, value, unit, se, n, coverage, flag, status, source,
    year_prev, value_prev, change,
    change * 100 / nullif(value_prev, 0) as change_pct,
    case when value > 0 and value_5y > 0 then (power(value / value_5y, 0.2) - 1) * 100 end as cagr_5y,
    value * 100 / nullif(base_value, 0) as index_base,
    base_year,
    case when value_prev is not null then break_reason is null end as comparable,
    break_reason, change_se,
    abs(change) / nullif(change_se, 0) > z.significance_z as significant
from compared
cross join (
    select cast(value as double) as significance_z
    from ref.parameter_latest
    where name = 'significance_z'
) z
