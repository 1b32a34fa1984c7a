-- mart: trend
-- grain:  one row per comparable stretch (segment) of a series of mart.indicator
-- unit:   slopes in the indicator's unit a year
-- nulls:  no slope from one point; no standard error from two; significant at 95 % by Student's t
-- source: mart.series: least squares (slope, slope_se) beside the median of all pairwise slopes (slope_theil_sen), which
--         one wrong year does not move
with summed as (
    select
        indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category,
        series_unit, segment, max(geo_code) as geo_code, max(geo_name_kk) as geo_name_kk, max(geo_name_ru) as geo_name_ru,
        max(geo_name_en) as geo_name_en, max(parent_code) as parent_code, max(unit) as unit, max(definition_version) as definition_version,
        min(year) as year_from, max(year) as year_to, count(*) as point_count,
        regr_slope(value, year) as slope, regr_sxx(value, year) as sxx, regr_syy(value, year) as syy,
        regr_sxy(value, year) as sxy, theil_sen(year, value) as slope_theil_sen
    from mart.series
    group by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, series_unit, segment
),
judged as (
    select
        *,
        case when point_count > 2 then
            sqrt(greatest(syy - sxy * sxy / sxx, 0) / (point_count - 2) / sxx)
        end as slope_se
    from summed
)
select
    indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category,
    geo_code, geo_name_kk, geo_name_ru, geo_name_en, parent_code, unit, definition_version, segment, year_from, year_to,
    point_count, slope, slope_se, slope_theil_sen,
    abs(slope) / nullif(slope_se, 0) > student_t_critical(z.significance_z, point_count - 2) as significant
from judged
cross join (
    select cast(value as double) as significance_z
    from ref.parameter_latest
    where name = 'significance_z'
) z
