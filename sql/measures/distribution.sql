-- measure: distribution
-- grain:   one row per (variable, year, tier, geo_code, level, breakdown, sex, locality, language)
-- unit:    that of the variable; Gini and Theil indices without unit
-- method:  over the histogram, so exact: a percentile is the least value that so many do not exceed, or the mean of it
--          and the next where they divide exactly (the median of an even number); Gini from ranks; Theil's T, split
--          into the part between the units of the next tier below (regions of the republic, districts of a region,
--          organisations of a district) and the part within them, which add up to it. Logarithms are summed as
--          decimals, so that the order of rows changes nothing
-- nulls:   inequality of a variable that sums to nothing; locality needs a passport of the year
-- source:  measures.histogram
with shown as (
    select 'republic' as tier, 'total' as breakdown union all
    select 'republic', 'sex' union all
    select 'republic', 'locality' union all
    select 'republic', 'language' union all
    select 'region', 'total' union all
    select 'region', 'sex' union all
    select 'region', 'locality' union all
    select 'region', 'language' union all
    select 'district', 'total' union all
    select 'district', 'sex' union all
    select 'district', 'locality' union all
    select 'district', 'language'
),
placed as (
    select
        h.variable, h.year, h.level, v.tier, v.breakdown, h.score, h.person_count,
        case v.tier
            when 'republic' then 'KZ'
            when 'region' then cast(h.region * 10000000 as varchar)
            else cast(h.district as varchar)
        end as geo_code,
        case v.tier
            when 'republic' then cast(h.region as bigint)
            when 'region' then cast(h.district as bigint)
            else h.org_bin
        end as part,
        case when v.breakdown = 'sex' then h.sex else '_T' end as sex,
        case when v.breakdown = 'locality' then o.locality else '_T' end as locality,
        case when v.breakdown = 'language' then h.language else '_T' end as language
    from measures.histogram h
    left join ref.organisation o on o.year = h.year and o.org_bin = h.org_bin
    cross join shown v
    where
        (v.breakdown <> 'locality' or o.locality is not null) and (v.breakdown <> 'language' or h.language <> '_T')
),
bar as (
    select
        variable, year, tier, geo_code, level, breakdown, sex, locality, language, part, score,
        sum(person_count) as person_count
    from placed
    group by variable, year, tier, geo_code, level, breakdown, sex, locality, language, part, score
),
part_sum as (
    select
        variable, year, tier, geo_code, level, breakdown, sex, locality, language, part,
        sum(person_count) as person_count, sum(person_count * score) as score_sum
    from bar
    group by variable, year, tier, geo_code, level, breakdown, sex, locality, language, part
),
between_part as (
    select
        variable, year, tier, geo_code, level, breakdown, sex, locality, language,
        sum(
            cast(
                case
                    when score_sum > 0 then score_sum * ln(cast(score_sum as double) / person_count) else 0.0
                end as decimal(38, 12)
            )
        ) as between_sum
    from part_sum
    group by variable, year, tier, geo_code, level, breakdown, sex, locality, language
),
whole as (
    select
        variable, year, tier, geo_code, level, breakdown, sex, locality, language, score,
        sum(person_count) as person_count
    from bar
    group by variable, year, tier, geo_code, level, breakdown, sex, locality, language, score
),
ranked as (
    select
        *,
        sum(person_count) over (
            partition by variable, year, tier, geo_code, level, breakdown, sex, locality, language order by score
            rows between unbounded preceding and current row
        ) as upto,
        sum(person_count) over (
            partition by variable, year, tier, geo_code, level, breakdown, sex, locality, language
        ) as n
    from whole
),
summed as (
    select
        variable, year, tier, geo_code, level, breakdown, sex, locality, language,
        sum(person_count) as n, sum(person_count * score) as score_sum, sum(person_count * score * score) as square_sum,
        sum(cast(person_count * score as decimal(38, 0)) * (2 * upto - person_count - n)) as rank_sum,
        sum(
            cast(case when score > 0 then person_count * score * ln(score) else 0.0 end as decimal(38, 12))
        ) as log_sum,
        (min(case when upto * 100 >= n * 10 then score end) + min(case when upto * 100 > n * 10 then score end)) / 2.0
            as p10,
        (min(case when upto * 100 >= n * 25 then score end) + min(case when upto * 100 > n * 25 then score end)) / 2.0
            as p25,
        (min(case when upto * 100 >= n * 50 then score end) + min(case when upto * 100 > n * 50 then score end)) / 2.0
            as median,
        (min(case when upto * 100 >= n * 75 then score end) + min(case when upto * 100 > n * 75 then score end)) / 2.0
            as p75,
        (min(case when upto * 100 >= n * 90 then score end) + min(case when upto * 100 > n * 90 then score end)) / 2.0
            as p90
    from ranked
    group by variable, year, tier, geo_code, level, breakdown, sex, locality, language
)
select
    s.variable, s.year, s.tier, s.geo_code, s.level, s.breakdown, s.sex, s.locality, s.language, s.n, s.score_sum,
    cast(s.score_sum as double) / s.n as mean,
    sqrt(cast(s.n * s.square_sum - s.score_sum * s.score_sum as double)) / s.n as standard_deviation,
    s.p10, s.p25, s.median, s.p75, s.p90,
    cast(s.rank_sum as double) / s.n / nullif(s.score_sum, 0) as gini,
    -- a nil is a nil: what the logarithms leave behind the fourteenth decimal is cut off
    round(cast(s.log_sum as double) / nullif(s.score_sum, 0) - ln(cast(nullif(s.score_sum, 0) as double) / s.n), 14)
        as theil,
    round(cast(b.between_sum as double) / nullif(s.score_sum, 0) - ln(cast(nullif(s.score_sum, 0) as double) / s.n), 14)
        as theil_between,
    round(cast(s.log_sum - b.between_sum as double) / nullif(s.score_sum, 0), 14) as theil_within
from summed s
join between_part b
    on b.variable = s.variable and b.year = s.year and b.tier = s.tier and b.geo_code = s.geo_code
    and b.level = s.level and b.breakdown = s.breakdown and b.sex = s.sex and b.locality = s.locality
    and b.language = s.language
