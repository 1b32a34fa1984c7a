-- mart: rating_scenario
-- grain:  one row per (rating, year, tier, geo_code, scenario): a unit's composite under moved weights
-- unit:   score as the components; rank 1 is best, on scores rounded to two decimals
-- nulls:  no score where the rating's rule for missing components does not rate the unit, and no rank then
-- source: mart.rating_component, ref.rating_scenario. Rules: renormalise takes the known weights for all if they are at least
--         the share rating_min_weight; exclude rates whole sets only; zero counts what is missing as 0
with total as (
    select rating as total_rating, scenario as total_scenario, sum(weight) as total_weight, sum(base_weight) as total_base, count(*) as component_total
    from ref.rating_scenario
    group by rating, scenario
),
summed as (
    select
        c.rating, c.year, c.tier, c.geo_code, w.scenario, max(c.missing) as missing, max(c.geo_id) as geo_id,
        max(c.geo_name_kk) as geo_name_kk, max(c.geo_name_ru) as geo_name_ru, max(c.geo_name_en) as geo_name_en,
        max(c.parent_code) as parent_code, sum(c.score * w.weight) as weighted, sum(w.weight) as known_weight,
        sum(w.base_weight) as known_base, count(*) as component_count,
        string_agg(concat(c.indicator, ' ', cast(round(c.score, 1) as varchar)), '; ' order by c.indicator, c.level) as components
    from mart.rating_component c
    join ref.rating_scenario w on w.rating = c.rating and w.indicator = c.indicator and w.level = c.level
    group by c.rating, c.year, c.tier, c.geo_code, w.scenario
),
scored as (
    select
        s.*, t.component_total, s.known_base / t.total_base as known_share,
        case s.missing
            when 'renormalise' then case when s.known_base / t.total_base >= m.min_weight then s.weighted / s.known_weight end
            when 'exclude' then case when s.component_count = t.component_total then s.weighted / t.total_weight end
            else s.weighted / t.total_weight
        end as score
    from summed s
    join total t on t.total_rating = s.rating and t.total_scenario = s.scenario
    cross join (
        select cast(value as double) as min_weight
        from ref.parameter_latest
        where name = 'rating_min_weight'
    ) m
),
rounded as (
    select *, round_half_away(score, cast(2 as bigint)) as shown
    from scored
)
select
    rating, year, tier, geo_code, geo_id, geo_name_kk, geo_name_ru, geo_name_en, parent_code, scenario, shown as score, component_count, component_total,
    known_share, components,
    cast(case when shown is not null then rank() over (
        partition by rating, year, tier, scenario
        order by shown desc nulls last
    ) end as bigint) as rank,
    count(shown) over (partition by rating, year, tier, scenario) as rank_of
from rounded
