-- measure: revised_cell
-- grain:   one row per (year, region, district, level = all, category = indicator) of fixed years; indicator GOV-09
-- unit:    cells: values of the headline indicators of a district at their headline level, without breakdown, of the
--          fixed state or of the later one; revised are those that differ or stand on one side only
-- nulls:   a year that is not fixed has no rows; neither has an archive, which knows of no later state
-- source:  mart.comparison
with cell as (
    select
        year, geo_code, indicator, level, change_kind, coalesce(now_definition_version, then_definition_version) as version
    from mart.comparison
    where
        indicator in ('ACC-01', 'CON-01', 'NET-01', 'NET-04', 'TCH-01', 'TCH-03', 'TCH-05', 'GRD-02', 'SFC-02', 'UNT-03', 'FIN-01')
        and breakdown = 'total' and tier = 'district'
)
select
    c.year, cast(substr(c.geo_code, 1, 2) as int) as region, cast(c.geo_code as int) as district, 'all' as level,
    c.indicator as category, count(*) as cell_count,
    sum(case when c.change_kind = 'unchanged' then 0 else 1 end) as revised_count
from cell c
join ref.indicator d on d.indicator = c.indicator and d.definition_version = c.version and d.headline_level = c.level
group by c.year, c.geo_code, c.indicator
