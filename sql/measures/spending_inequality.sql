-- measure: spending_inequality
-- grain:   one row per (year, tier, geo_code, level): regions and the republic; indicator FIN-06
-- unit:    ratio: standard deviation of expenditure per learner over districts, weighted by learners, to its mean
-- nulls:   not_available where fewer than two districts have both expenditure and learners; n counts these districts
-- source:  measures.finance, measures.mean_enrolment, districts only
with district as (
    select f.year, e.region, f.level, f.status, f.current_expenditure, e.learners, e.is_estimate
    from measures.finance f
    join measures.mean_enrolment e
        on e.year = f.year and e.tier = f.tier and e.geo_code = f.geo_code and e.level = f.level
    where f.tier = 'district' and f.current_expenditure is not null
),
part as (
    select year, 'region' as tier, region, level, status, current_expenditure, learners, is_estimate
    from district
    union all
    select year, 'republic' as tier, 0 as region, level, status, current_expenditure, learners, is_estimate
    from district
),
-- sums of decimals, so that the order of districts changes nothing
whole as (
    select
        year, tier, region, level, count(*) as district_count, max(status) as status, bool_or(is_estimate) as is_estimate,
        cast(sum(cast(current_expenditure as decimal(30, 6))) as double) as current_expenditure,
        cast(sum(cast(learners as decimal(38, 15))) as double) as learners
    from part
    group by year, tier, region, level
),
-- share of the learners times the squared relative distance from the mean
distance as (
    select
        p.year, p.tier, p.region, p.level,
        sum(cast(
            p.learners / w.learners
            * power(p.current_expenditure / p.learners / nullif(w.current_expenditure / w.learners, 0) - 1, 2)
            as decimal(38, 24)
        )) as variance
    from part p
    join whole w on w.year = p.year and w.tier = p.tier and w.region = p.region and w.level = p.level
    group by p.year, p.tier, p.region, p.level
)
select
    'FIN-06' as indicator, w.year, w.tier,
    case when w.tier = 'region' then cast(w.region * 10000000 as varchar) else 'KZ' end as geo_code, w.level,
    '_T' as sex, '_T' as locality, '_T' as language, '_T' as ownership, '_T' as study_form, '_T' as grade,
    '_T' as age, '_T' as subject, '_T' as category, cast(null as double) as numerator,
    cast(null as double) as denominator,
    case when w.district_count > 1 then sqrt(cast(d.variance as double)) end as value, cast(null as double) as se,
    w.district_count as n, case when w.is_estimate then 'estimate' else 'ok' end as flag, w.status,
    'S2+S1' as source, cast(null as varchar) as edition, cast(null as date) as published_on, 0 as preference
from whole w
join distance d on d.year = w.year and d.tier = w.tier and d.region = w.region and d.level = w.level
