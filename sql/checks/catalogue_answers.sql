-- check:  every indicator has values at every tier that its card claims
-- grain:  one row per (indicator, definition version, tier) claimed and without a value; none is expected on the demo
--         at scale 0.02 after `bilim import all`
-- rule:   a tier is claimed where a derivation names it (ref.indicator_tier); one value in any year, level and breakdown
--         is enough
-- nulls:  a flagged cell without a value is no answer
-- source: mart.indicator, ref.indicator_tier
with claimed as (
    select t.indicator, t.definition_version, t.tier, max(i.valid_to_year) as valid_to_year,
        string_agg(distinct t.source, ' ' order by t.source) as sources
    from ref.indicator_tier t
    join ref.indicator i on i.indicator = t.indicator and i.definition_version = t.definition_version
    group by t.indicator, t.definition_version, t.tier
),
-- organisations are answered only where their tier is named
cell as (
    select indicator, definition_version, tier, value
    from mart.indicator
    where tier in ('district', 'region', 'republic', 'international')
    union all
    select indicator, definition_version, tier, value
    from mart.indicator
    where tier = 'organisation'
),
answered as (
    select indicator, definition_version, tier, count(value) as value_count
    from cell
    group by indicator, definition_version, tier
)
select c.indicator, c.definition_version, c.tier, c.sources, coalesce(a.value_count, 0) as value_count
from claimed c
left join answered a
    on a.indicator = c.indicator and a.definition_version = c.definition_version and a.tier = c.tier
where coalesce(a.value_count, 0) = 0
order by c.indicator, c.definition_version, c.tier
