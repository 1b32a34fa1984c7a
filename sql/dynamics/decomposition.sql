-- mart: decomposition
-- grain:  one row per (factor, indicator, tier, geo_code, level, year_from, year, member): a group within a whole, and a
--         pair of years
-- unit:   of the indicator: composition_effect is the change of the group's share of the denominator at the mean of its
--         rates, rate_effect the change of its rate at the mean of its shares
-- nulls:  a group absent in a year has no share and no rate then: coming and going is composition
-- source: mart.series, indicators that are a ratio of sums; Kitagawa (1955). factor: region (of the republic), district
--         (of a region), locality, language (of any unit), level (of a composite level)
-- comparable: no break in any member, and of territories the same units in both years.
-- The effects of all members add up to change, that of the whole made of its parts: composition_total + rate_total.
with part as (
    select
        case tier when 'region' then 'region' else 'district' end as factor, indicator,
        case tier when 'region' then 'republic' else 'region' end as tier,
        case tier when 'region' then 'KZ' else parent_code end as geo_code, level, geo_code as member,
        series_unit as member_key, year, numerator,
        denominator, segment, definition_version
    from mart.series
    where tier in ('district', 'region') and breakdown = 'total' and denominator is not null
    union all
    select
        'locality' as factor, indicator, tier, geo_code, level, locality as member, locality as member_key, year, numerator, denominator, segment,
        definition_version
    from mart.series
    where breakdown = 'locality' and denominator is not null
    union all
    select
        'language' as factor, indicator, tier, geo_code, level, language as member, language as member_key, year, numerator, denominator, segment,
        definition_version
    from mart.series
    where breakdown = 'language' and denominator is not null
    union all
    select
        'level' as factor, s.indicator, s.tier, s.geo_code, m.level, s.level as member, s.level as member_key, s.year, s.numerator, s.denominator,
        s.segment, s.definition_version
    from mart.series s
    join ref.level b on b.level = s.level and not b.is_composite
    join ref.level_member m on m.member = s.level and m.level <> s.level
    where s.breakdown = 'total' and s.denominator is not null
),
counted as (
    select p.*, cast(d.scale as double) as scale
    from part p
    join ref.indicator d on d.indicator = p.indicator and d.definition_version = p.definition_version
    where d.unit <> 'index'
),
beside as (
    select
        *,
        unnest(array_distinct(array_agg(year) over (partition by factor, indicator, tier, geo_code, level))) as other_year
    from counted
),
paired as (
    select
        factor, indicator, tier, geo_code, level, member_key, last_value(member order by year) as member,
        least(year, other_year) as year_from, greatest(year, other_year) as year_to,
        max(case when year < other_year then numerator end) as numerator_0,
        max(case when year < other_year then denominator end) as denominator_0,
        max(case when year > other_year then numerator end) as numerator_1,
        max(case when year > other_year then denominator end) as denominator_1,
        min(segment) = max(segment) and (factor not in ('region', 'district') or count(*) = 2) as is_same_segment,
        max(scale) as scale
    from beside
    where year <> other_year
    group by factor, indicator, tier, geo_code, level, member_key, least(year, other_year), greatest(year, other_year)
),
shared as (
    select
        *,
        coalesce(denominator_0, 0) / nullif(sum(denominator_0) over pair, 0) as share_0,
        coalesce(denominator_1, 0) / nullif(sum(denominator_1) over pair, 0) as share_1,
        coalesce(numerator_0 / nullif(denominator_0, 0), numerator_1 / nullif(denominator_1, 0), 0) * scale as rate_0,
        coalesce(numerator_1 / nullif(denominator_1, 0), numerator_0 / nullif(denominator_0, 0), 0) * scale as rate_1,
        bool_and(is_same_segment) over pair as comparable,
        sum(numerator_1) over pair * scale / nullif(sum(denominator_1) over pair, 0)
            - sum(numerator_0) over pair * scale / nullif(sum(denominator_0) over pair, 0) as change
    from paired
    window pair as (partition by factor, indicator, tier, geo_code, level, year_from, year_to)
),
effect as (
    select
        *, (share_1 - share_0) * (rate_0 + rate_1) / 2 as composition_effect,
        (rate_1 - rate_0) * (share_0 + share_1) / 2 as rate_effect
    from shared
)
select
    factor, indicator, tier, geo_code, level, year_from, year_to as year, member, share_0 as share_from, share_1 as share, rate_0 as rate_from, rate_1 as rate,
    composition_effect, rate_effect,
    sum(composition_effect) over (partition by factor, indicator, tier, geo_code, level, year_from, year_to) as composition_total,
    sum(rate_effect) over (partition by factor, indicator, tier, geo_code, level, year_from, year_to) as rate_total, change, comparable
from effect
where change is not null
