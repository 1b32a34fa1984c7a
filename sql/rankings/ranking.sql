-- mart: ranking
-- grain:  one row per row of mart.indicator that could be ranked: no neutral indicators, no aggregates of
--         countries, no unallocated remainders
-- unit:   rank 1 is best; ranks 1, 2, 2, 4 on values rounded to the definition's decimals; percentile = share of
--         ranked units that are not better, in percent
-- nulls:  a unit without a value, or with fewer persons than the definition asks for, has no rank but a reason;
--         rank_low and rank_high are the rank itself where no standard error is published, else NULL
-- source: mart.indicator, ref.indicator
with candidate as (
    select
        i.*, d.direction,
        case when coalesce(i.n, d.min_n) >= d.min_n then round_half_away(i.value, cast(d.decimals as bigint)) end
            as shown,
        case
            when i.value is null then i.flag
            when coalesce(i.n, d.min_n) < d.min_n then 'too_few'
        end as reason,
        d.target,
        coalesce(cast(i.geo_id as varchar), i.geo_code) as unit_key
    from mart.indicator i
    join ref.indicator_ranked d on d.indicator = i.indicator
    left join ref.country_unit c on c.code = i.geo_code and i.tier = 'international'
    where coalesce(c.is_aggregate, false) = false
        and not (i.tier = 'district' and i.geo_code = i.parent_code)
),
placed as (
    select
        *,
        case direction
            when 'higher' then -shown
            when 'lower' then shown
            else abs(shown - target)
        end as position
    from candidate
),
ranked as (
    select
        *,
        case when position is not null then rank() over cell end as rank,
        count(position) over (partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year) as rank_of,
        case when position is not null and tier in ('district', 'organisation') then
            rank() over (
                partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year, parent_code
                order by position nulls last
            )
        end as rank_in_parent
    from placed
    window cell as (
        partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year
        order by position nulls last
    )
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
    cast(rank as bigint) as rank, rank_of,
    case when se is null then cast(rank as bigint) end as rank_low,
    case when se is null then cast(rank as bigint) end as rank_high,
    cast(rank_prev as bigint) as rank_prev,
    cast(rank_prev as bigint) - cast(rank as bigint) as rank_change,
    (rank_of - cast(rank as bigint) + 1) * 100.0 / nullif(rank_of, 0) as percentile,
    cast(rank_in_parent as bigint) as rank_in_parent,
    reason
from followed
