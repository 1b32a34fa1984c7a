-- mart: span
-- grain:  one row per pair of years (year_from < year) of a series of mart.indicator
-- unit:   change in the indicator's unit (percentage points for percent); change_pct and cagr in percent; index = 100 in
--         year_from
-- nulls:  no percentage from zero; cagr only from above zero to zero or above; no significance without two standard errors
-- source: mart.series: the change, the compound growth and the index from any base year to any later one
-- Comparable: same definition, no break of scale, boundaries or source anywhere between the two years.
with paired as (
    select
        *,
        unnest(array_agg(named_struct(
            'year', year, 'value', value, 'se', se, 'segment', segment
        )) over (
            partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
            order by year rows between unbounded preceding and 1 preceding
        )) as earlier,
        last_value(case when break_reason is not null then break_reason end) ignore nulls over (
            partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
            order by year
        ) as last_break
    from mart.series
),
compared as (
    select
        *, get_field(earlier, 'year') as year_from, get_field(earlier, 'value') as value_from,
        get_field(earlier, 'segment') = segment as comparable,
        value - get_field(earlier, 'value') as change,
        sqrt(se * se + get_field(earlier, 'se') * get_field(earlier, 'se')) as change_se
    from paired
)
select
    indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category,
    geo_id, geo_code, geo_name_kk, geo_name_ru, geo_name_en, parent_code, unit, year_from, year, value_from, value,
    year - year_from as years, change,
    change * 100 / nullif(abs(value_from), 0) as change_pct,
    case
        when value_from > 0 and value >= 0 then (power(value / value_from, 1.0 / (year - year_from)) - 1) * 100
    end as cagr,
    value * 100 / nullif(value_from, 0) as index,
    change_se, abs(change) / nullif(change_se, 0) > z.significance_z as significant,
    comparable, case when not comparable then last_break end as break_reason
from compared
cross join (
    select cast(value as double) as significance_z
    from ref.parameter_latest
    where name = 'significance_z'
) z
