-- mart: territory_profile
-- grain:  one row per (year, tier, geo_code, indicator): a district or region beside its parent and the republic
-- unit:   of the indicator
-- nulls:  parent_value and republic_value where those have no value
-- source: mart.indicator, headline indicators at their headline level, without breakdown
with headline as (
    select i.*, d.direction, d.target
    from mart.indicator i
    join ref.indicator d
        on d.indicator = i.indicator and d.definition_version = i.definition_version and d.headline_level = i.level
    where i.indicator in ('ACC-01', 'CON-01', 'NET-01', 'NET-04', 'TCH-01', 'TCH-03', 'TCH-05', 'GRD-02', 'SFC-02', 'UNT-03', 'FIN-01') and i.breakdown = 'total' and i.tier in ('district', 'region', 'republic')
)
select
    u.year, u.tier, u.geo_id, u.geo_code, u.geo_name_kk, u.geo_name_ru, u.geo_name_en, u.indicator, u.level, u.unit,
    u.value, p.value as parent_value, r.value as republic_value, u.target, u.direction, u.coverage, u.flag
from headline u
left join headline p on p.indicator = u.indicator and p.year = u.year and p.geo_code = u.parent_code and p.tier = 'region'
left join headline r on r.indicator = u.indicator and r.year = u.year and r.tier = 'republic'
where u.tier in ('district', 'region')
