-- mart: rating
-- grain:  one row per (rating, year, tier, geo_code) with a component: organisation, district or region
-- unit:   score as the components, rank 1 is best; components: each with its score; known_share of the weights in 0..1;
--         kept_share in percent of the scenarios in which the rank stays within rating_rank_tolerance places
-- nulls:  a unit that the rule for missing components does not rate has no score, no rank and a reason
-- source: mart.rating_scenario; Rules, paragraph 2(4). rank_low and rank_high: the best and the worst rank when weights move
with placed as (
    select *, max(case when scenario = 'base' then rank end) over (partition by rating, year, tier, geo_code) as base_rank
    from mart.rating_scenario
)
select
    rating, year, tier, geo_code, max(geo_id) as geo_id, max(geo_name_kk) as geo_name_kk, max(geo_name_ru) as geo_name_ru,
    max(geo_name_en) as geo_name_en, max(parent_code) as parent_code,
    max(case when scenario = 'base' then score end) as score, max(base_rank) as rank,
    max(case when scenario = 'base' then rank_of end) as rank_of, min(rank) as rank_low, max(rank) as rank_high,
    max(case when scenario = 'base' then components end) as components, max(component_count) as component_count,
    max(component_total) as component_total, max(known_share) as known_share,
    count(case when scenario <> 'base' then rank end) as scenario_count,
    sum(case when scenario <> 'base' and abs(rank - base_rank) <= t.tolerance then 1 else 0 end) * 100.0
        / nullif(count(case when scenario <> 'base' then rank end), 0) as kept_share,
    case when max(base_rank) is null then 'missing_components' end as reason
from placed
cross join (
    select cast(value as double) as tolerance
    from ref.parameter_latest
    where name = 'rating_rank_tolerance'
) t
group by rating, year, tier, geo_code
