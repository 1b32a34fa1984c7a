-- mart: indicator_wide
-- grain:  one row per (year, tier, geo_code)
-- unit:   each column in the unit of its indicator, at the indicator's headline level, without breakdown
-- nulls:  no value of the indicator for the unit and year
-- source: mart.indicator, headline indicators
select
    i.year, i.tier, i.geo_id, i.geo_code, i.geo_name_kk, i.geo_name_ru, i.geo_name_en, i.parent_code,
    max(case when i.indicator = 'ACC-01' then i.value end) as acc_01,
    max(case when i.indicator = 'CON-01' then i.value end) as con_01,
    max(case when i.indicator = 'NET-01' then i.value end) as net_01,
    max(case when i.indicator = 'NET-04' then i.value end) as net_04,
    max(case when i.indicator = 'TCH-01' then i.value end) as tch_01,
    max(case when i.indicator = 'TCH-03' then i.value end) as tch_03,
    max(case when i.indicator = 'TCH-05' then i.value end) as tch_05,
    max(case when i.indicator = 'GRD-02' then i.value end) as grd_02,
    max(case when i.indicator = 'SFC-02' then i.value end) as sfc_02,
    max(case when i.indicator = 'UNT-03' then i.value end) as unt_03,
    max(case when i.indicator = 'FIN-01' then i.value end) as fin_01
from mart.indicator i
join ref.indicator d
    on d.indicator = i.indicator and d.definition_version = i.definition_version and d.headline_level = i.level
where i.indicator in ('ACC-01', 'CON-01', 'NET-01', 'NET-04', 'TCH-01', 'TCH-03', 'TCH-05', 'GRD-02', 'SFC-02', 'UNT-03', 'FIN-01') and i.breakdown = 'total' and i.tier in ('district', 'region', 'republic', 'international')
group by
    i.year, i.tier, i.geo_id, i.geo_code, i.geo_name_kk, i.geo_name_ru, i.geo_name_en, i.parent_code
