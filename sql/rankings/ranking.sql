-- mart: ranking
-- grain:  one row per row of mart.indicator that could be ranked: no neutral indicators, no aggregates of
--         countries, no unallocated remainders
-- unit:   rank 1 is best; ranks 1, 2, 2, 4 on values rounded to the definition's decimals, of target-valued indicators on
--         the distance to the target; percentile = share of ranked units that are not better, in percent
-- nulls:  a unit without a value, or with fewer persons than the definition asks for, has no rank but a reason
-- source: mart.indicator, ref.indicator
-- rank_low and rank_high: the best and the worst rank that a pairwise test at 95 % leaves open. Who has no standard error
-- is known as printed; where nobody has one both are the rank itself.
with candidate as (
    select
        i.*, d.direction,
        case when coalesce(i.n, d.min_n) >= d.min_n then round_half_away(i.value, cast(d.decimals as bigint)) end
            as shown,
        case
            when i.value is null then i.flag
            when coalesce(i.n, d.min_n) < d.min_n then 'too_few'
        end as reason,
        d.target, z.significance_z,
        coalesce(cast(i.geo_id as varchar), i.geo_code) as unit_key
    from mart.indicator i
    join ref.indicator_ranked d on d.indicator = i.indicator and d.definition_version = i.definition_version
    left join ref.country_unit c on c.code = i.geo_code and i.tier = 'international'
    cross join (
        select cast(value as double) as significance_z
        from ref.parameter_latest
        where name = 'significance_z'
    ) z
    where coalesce(c.is_aggregate, false) = false
        and not (i.tier = 'district' and i.geo_code = i.parent_code)
),
placed as (
    select
        *,
        -- the distance as a decimal number: 0.98 and 0.97 are equally far from 0.975
        case direction
            when 'higher' then -shown
            when 'lower' then shown
            else round_half_away(abs(shown - target), cast(9 as bigint))
        end as position
    from candidate
),
ranked as (
    select
        *,
        case when position is not null then rank() over (
            partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year
            order by position nulls last
        ) end as rank,
        count(position) over (partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year) as rank_of,
        rank_interval(position, se, significance_z) over (partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year) as span,
        case when position is not null and tier in ('district', 'organisation') then
            rank() over (
                partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year, parent_code
                order by position nulls last
            )
        end as rank_in_parent
    from placed
),
followed as (
    select
        *,
        lag(rank) over (
            partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, unit_key
            order by year
        ) as rank_prev
    from ranked
)
select
    indicator, definition_version, year, academic_year, tier, geo_id, geo_code, geo_name_kk, geo_name_ru,
    geo_name_en, parent_code, level, breakdown, sex, locality, language, ownership, study_form, grade, age,
    subject, category, numerator, denominator, value, unit, se, n, coverage, flag, status, source,
    cast(rank as bigint) as rank, rank_of, get_field(span, 'low') as rank_low, get_field(span, 'high') as rank_high,
    cast(rank_prev as bigint) as rank_prev,
    cast(rank_prev as bigint) - cast(rank as bigint) as rank_change,
    (rank_of - cast(rank as bigint) + 1) * 100.0 / nullif(rank_of, 0) as percentile,
    cast(rank_in_parent as bigint) as rank_in_parent,
    reason
from followed
