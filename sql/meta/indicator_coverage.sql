-- meta: indicator_coverage
-- grain:  one row per (indicator, tier) that a definition claims
-- unit:   cells with a value, over all years, levels and breakdowns
-- nulls:  first_year and last_year are NULL where there is no value
-- source: ref.indicator_tier, mart.indicator; computes every indicator of every tier
with claimed as (
    select distinct indicator, tier from ref.indicator_tier
),
answered as (
    select indicator, tier, count(value) as cells, min(year) as first_year, max(year) as last_year
    from mart.indicator
    where value is not null and tier in ('organisation', 'district', 'region', 'republic', 'international')
    group by indicator, tier
)
select c.indicator, c.tier, coalesce(a.cells, 0) as cells, a.first_year, a.last_year
from claimed c
left join answered a on a.indicator = c.indicator and a.tier = c.tier
