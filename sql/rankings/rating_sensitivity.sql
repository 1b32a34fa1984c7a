-- mart: rating_sensitivity
-- grain:  one row per (rating, year, tier, scenario): how many units keep their rank when weights move
-- unit:   kept_share in percent of the units ranked: within rating_rank_tolerance places; most_moved in places
-- nulls:  none
-- source: mart.rating_scenario
with placed as (
    select *, max(case when scenario = 'base' then rank end) over (partition by rating, year, tier, geo_code) as base_rank
    from mart.rating_scenario
)
select
    rating, year, tier, scenario, count(*) as unit_count,
    sum(case when abs(rank - base_rank) <= t.tolerance then 1 else 0 end) * 100.0 / count(*) as kept_share,
    max(abs(rank - base_rank)) as most_moved
from placed
cross join (
    select cast(value as double) as tolerance
    from ref.parameter_latest
    where name = 'rating_rank_tolerance'
) t
where rank is not null and scenario <> 'base'
group by rating, year, tier, scenario
