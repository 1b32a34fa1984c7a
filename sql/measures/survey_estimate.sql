-- measure: survey_estimate
-- grain:   one row per (indicator, year, tier, geo_code, level, sex, language, subject, category)
-- unit:    percent: the ratio of weighted sums; se is that of the sample design; n counts persons
-- nulls:   se is NULL where a stratum has one sampling unit only, because its variance cannot be estimated
-- source:  measures.survey_answer
-- Ratio R = sum(counted) / sum(base) of a domain. Its variance by linearisation, sampling units with replacement
-- within strata: z = (counted - R * base) / sum(base) summed by unit; the sum over strata of
-- k / (k - 1) * (sum(z * z) - sum(z) * sum(z) / k), k being all units of the stratum: a unit without anybody of the
-- domain has z = 0. Strata are those of a region and level.
with asked as (
    select * from (
        values
            ('total', 0, 0, 0, 0), ('sex', 1, 0, 0, 0), ('language', 0, 1, 0, 0), ('subject', 0, 0, 1, 0),
            ('category', 0, 0, 0, 1), ('sex,subject', 1, 0, 1, 0), ('language,subject', 0, 1, 1, 0)
    ) as t (breakdown, by_sex, by_language, by_subject, by_category)
),
tier as (
    select * from (values ('region', 1), ('republic', 0)) as t (tier, by_region)
),
design as (
    select indicator, year, region, level, stratum, count(distinct psu) as unit_count
    from measures.survey_answer
    group by indicator, year, region, level, stratum
),
answer as (
    select
        a.indicator, a.year, t.tier, b.breakdown, a.level, a.region, a.stratum, a.psu, a.person, a.counted, a.base,
        case when t.by_region = 1 then cast(a.region * 10000000 as varchar) else 'KZ' end as geo_code,
        case when b.by_sex = 1 then a.sex else '_T' end as sex,
        case when b.by_language = 1 then a.language else '_T' end as language,
        case when b.by_subject = 1 then a.subject else '_T' end as subject,
        case when b.by_category = 1 then a.category else '_T' end as category
    from measures.survey_answer a
    cross join asked b
    cross join tier t
    where
        a.is_answer and (b.by_sex = 0 or a.sex <> '_T') and (b.by_language = 0 or a.language <> '_T')
        and (b.by_subject = 0 or a.subject <> '_T') and (b.by_category = 0 or a.category <> '_T')
),
domain as (
    select
        indicator, year, tier, geo_code, breakdown, level, sex, language, subject, category,
        cast(sum(counted) as double) as counted, cast(sum(base) as double) as base, count(distinct person) as n
    from answer
    group by indicator, year, tier, geo_code, breakdown, level, sex, language, subject, category
),
unit as (
    select
        indicator, year, tier, geo_code, breakdown, level, sex, language, subject, category, region, stratum, psu,
        cast(sum(counted) as double) as unit_counted, cast(sum(base) as double) as unit_base
    from answer
    group by indicator, year, tier, geo_code, breakdown, level, sex, language, subject, category, region, stratum, psu
),
linear as (
    select
        u.indicator, u.year, u.tier, u.geo_code, u.breakdown, u.level, u.sex, u.language, u.subject, u.category,
        u.region, u.stratum, s.unit_count,
        (u.unit_counted - d.counted / d.base * u.unit_base) / d.base as z
    from unit u
    join domain d
        on d.indicator = u.indicator and d.year = u.year and d.tier = u.tier and d.geo_code = u.geo_code
        and d.breakdown = u.breakdown and d.level = u.level and d.sex = u.sex and d.language = u.language
        and d.subject = u.subject and d.category = u.category
    join design s
        on s.indicator = u.indicator and s.year = u.year and s.region = u.region and s.level = u.level
        and s.stratum = u.stratum
),
-- sums of decimals, so that their order does not matter
stratum_variance as (
    select
        indicator, year, tier, geo_code, breakdown, level, sex, language, subject, category, region, stratum,
        case when unit_count > 1 then 1 else 0 end as is_estimable,
        unit_count / nullif(unit_count - 1.0, 0) * (
            cast(sum(cast(z * z as decimal(34, 24))) as double)
            - power(cast(sum(cast(z as decimal(30, 20))) as double), 2) / unit_count
        ) as variance
    from linear
    group by
        indicator, year, tier, geo_code, breakdown, level, sex, language, subject, category, region, stratum,
        unit_count
),
variance as (
    select
        indicator, year, tier, geo_code, breakdown, level, sex, language, subject, category,
        case when min(is_estimable) = 1 then cast(sum(cast(variance as decimal(34, 24))) as double) end as variance
    from stratum_variance
    group by indicator, year, tier, geo_code, breakdown, level, sex, language, subject, category
)
select
    d.indicator, d.year, d.tier, d.geo_code, d.level, d.sex, '_T' as locality, d.language, '_T' as ownership,
    '_T' as study_form, '_T' as grade, '_T' as age, d.subject, d.category, d.counted as numerator,
    d.base as denominator, cast(null as double) as value,
    100 * sqrt(case when v.variance < 0 then 0 else v.variance end) as se, d.n,
    'ok' as flag, 'preliminary' as status, case when d.indicator in ('MON-01', 'MON-02') then 'S11' else 'S12' end as source,
    cast(null as varchar) as edition, cast(null as date) as published_on, cast(0 as int) as preference
from domain d
join variance v
    on v.indicator = d.indicator and v.year = d.year and v.tier = d.tier and v.geo_code = d.geo_code
    and v.breakdown = d.breakdown and v.level = d.level and v.sex = d.sex and v.language = d.language
    and v.subject = d.subject and v.category = d.category
