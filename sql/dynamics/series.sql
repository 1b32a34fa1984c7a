-- mart: series
-- grain:  one row per row of mart.indicator with a value, as a point of its time series
-- unit:   of the indicator; segment counts from 0 the stretches of a series within which years can be compared
-- nulls:  year_prev, value_prev and break_reason in the first year of a series; boundary_version of countries,
--         organisations and the republic
-- source: mart.indicator; definitions and breaks of the cards (a study's own breaks by category), vintages of ref.geo
-- A break is a change of definition, of scale or mode of a study, of boundaries, or of the source.
with unit_value as (
    select
        i.*, split_part(i.indicator, ':', -1) as base_indicator,
        coalesce(cast(i.geo_id as varchar), i.geo_code) as series_unit
    from mart.indicator i
    where i.value is not null
),
described as (
    select
        u.*, g.boundary_version, coalesce(e.epoch, 0) + coalesce(c.epoch, 0) as epoch,
        case when c.year is null then e.break_reason else c.break_reason end as epoch_reason
    from unit_value u
    left join ref.boundary g on g.geo_id = u.geo_id and g.year = u.year and g.tier = u.tier
    left join ref.indicator_epoch e on e.indicator = u.base_indicator and e.category = '_T' and e.year = u.year
    left join ref.indicator_epoch c
        on c.indicator = u.base_indicator and c.category = u.category and c.category <> '_T' and c.year = u.year
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
        lag(source) over series as source_prev
    from described
    window series as (
        partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
        order by year
    )
),
judged as (
    select
        *,
        case
            when value_prev is null then null
            when definition_version <> definition_version_prev then 'definition'
            when epoch <> epoch_prev then epoch_reason
            when boundary_version <> boundary_version_prev then 'boundaries of the territory'
            when source <> source_prev then 'source'
        end as break_reason
    from followed
)
select
    indicator, definition_version, year, academic_year, tier, geo_id, geo_code, geo_name_kk, geo_name_ru,
    geo_name_en, parent_code, level, breakdown, sex, locality, language, ownership, study_form, grade, age,
    subject, category, numerator, denominator, value, unit, se, n, coverage, flag, status, source, series_unit, boundary_version, epoch, epoch_reason, year_prev, value_prev, se_prev, break_reason,
    cast(sum(case when break_reason is null then 0 else 1 end) over (
        partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit
        order by year
    ) as bigint) as segment
from judged
