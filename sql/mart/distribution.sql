-- mart:  distribution
-- grain: one row per (variable, year, tier, geo_code, level, breakdown, sex, locality, language)
-- unit:  that of the variable: points, marks, years of age; Gini and Theil indices without unit; Theil's T is the sum
--        of its parts between and within the units of the next tier below
-- nulls: as measures.distribution; a territory without a name of that year has none
-- source: measures.distribution
with named as (
    select year, tier, kato as geo_code, name_kk, name_ru, name_en, parent_kato
    from ref.geo_year
    where tier in ('district', 'region')
)
select
    d.variable, d.year, d.tier, d.geo_code, n.name_kk as geo_name_kk, n.name_ru as geo_name_ru, n.name_en as geo_name_en,
    case d.tier when 'district' then n.parent_kato when 'region' then 'KZ' end as parent_code,
    d.level, d.breakdown, d.sex, d.locality, d.language, d.n, d.mean, d.standard_deviation, d.p10, d.p25, d.median, d.p75,
    d.p90, d.gini, d.theil, d.theil_between, d.theil_within
from measures.distribution d
left join named n on n.year = d.year and n.tier = d.tier and n.geo_code = d.geo_code
