-- measure: unt_distribution
-- grain:   one row per (indicator, year, tier, geo_code, level, sex, language)
-- unit:    points. UNT-03-SD is the deviation of all persons from their mean (divided by n: everybody is counted, nobody
--          drawn); UNT-03-P10, -P50, -P90 the least total that at least that share of the persons does not exceed
-- nulls:   a territory without persons has no row
-- source:  measures.unt_histogram; ref.parameter_year unt_percentile_low, _middle, _high
with asked as (
    select * from (values (0, 0), (1, 0), (0, 1)) as t (by_sex, by_language)
),
tier as (
    select * from (values ('organisation'), ('district'), ('region'), ('republic')) as t (tier)
),
placed as (
    select
        h.year, t.tier, h.total, h.person_count,
        case t.tier
            when 'organisation' then lpad(cast(h.org_bin as varchar), 12, '0')
            when 'district' then lpad(cast(h.district as varchar), 9, '0')
            when 'region' then lpad(cast(h.region * 10000000 as varchar), 9, '0')
            else 'KZ'
        end as geo_code,
        case when b.by_sex = 1 then h.sex else '_T' end as sex,
        case when b.by_language = 1 then h.language else '_T' end as language
    from measures.unt_histogram h
    cross join tier t
    cross join asked b
),
bar as (
    select year, tier, geo_code, sex, language, total, sum(person_count) as person_count
    from placed
    group by year, tier, geo_code, sex, language, total
),
cumulated as (
    select
        *,
        sum(person_count) over (
            partition by year, tier, geo_code, sex, language order by total
            rows between unbounded preceding and current row
        ) as below_count,
        sum(person_count) over (partition by year, tier, geo_code, sex, language) as n
    from bar
),
percentile as (
    select
        case p.name
            when 'unt_percentile_low' then 'UNT-03-P10'
            when 'unt_percentile_middle' then 'UNT-03-P50'
            else 'UNT-03-P90'
        end as indicator,
        c.year, c.tier, c.geo_code, c.sex, c.language, cast(min(c.total) as double) as value, max(c.n) as n
    from cumulated c
    join ref.parameter_year p
        on p.year = c.year and p.name in ('unt_percentile_low', 'unt_percentile_middle', 'unt_percentile_high')
    where c.below_count >= c.n * p.value - 0.000000001
    group by p.name, c.year, c.tier, c.geo_code, c.sex, c.language
),
deviation as (
    select
        'UNT-03-SD' as indicator, year, tier, geo_code, sex, language,
        sqrt(
            cast(sum(person_count) * sum(total * total * person_count)
                - sum(total * person_count) * sum(total * person_count) as double)
        ) / sum(person_count) as value,
        sum(person_count) as n
    from bar
    group by year, tier, geo_code, sex, language
),
answer as (
    select * from percentile
    union all
    select * from deviation
)
select
    indicator, year, tier, geo_code, 'general_secondary' as level, sex, '_T' as locality, language,
    '_T' as ownership, '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject, '_T' as category,
    cast(null as double) as numerator, cast(null as double) as denominator, value, cast(null as double) as se,
    cast(n as bigint) as n, 'ok' as flag, year_status(year) as status, 'S7' as source,
    cast(null as varchar) as edition, cast(null as date) as published_on, cast(0 as int) as preference
from answer
