-- measure: discrepancy
-- grain:   one row per (year, tier, geo_code, category): pupils, teachers, organisations, leavers; indicator GOV-08
-- unit:    persons or organisations; numerator is the distance between two sources, denominator the other source
-- nulls:   no row where one of the two sources has nothing
-- source:  S1 against the preferred edition of state statistics (measures.published_value); leavers: persons at the
--          unified national testing in the year they left school (form S7.UNT) against learners of grade 11 of the
--          October before (measures.enrolment)
with own as (
    select 'pupils' as category, e.year, e.region, e.learner_count as amount
    from measures.enrolment e
    join ref.level_member l on l.member = e.level and l.level = 'school'
    union all
    select 'teachers', year, region, teacher_count from measures.staff where level = 'school'
    union all
    select 'organisations', year, region, organisation_count from measures.network where level = 'school'
),
own_sum as (
    select category, year, region, sum(amount) as amount from own group by category, year, region
),
own_tier as (
    select category, year, 'region' as tier, cast(region * 10000000 as varchar) as geo_code, amount
    from own_sum
    union all
    select category, year, 'republic' as tier, 'KZ' as geo_code, sum(amount) as amount
    from own_sum
    group by category, year
),
printed as (
    select
        case indicator when 'CON-01' then 'pupils' when 'TCH-01' then 'teachers' else 'organisations' end as category,
        year, tier, geo_code, case indicator when 'TCH-01' then denominator else numerator end as amount,
        -- the edition that mart.indicator shows: of those with a number the newest
        row_number() over (
            partition by indicator, year, tier, geo_code
            order by preference, published_on desc nulls last, edition desc
        ) as edition_rank
    from measures.published_value
    where
        indicator in ('CON-01', 'TCH-01', 'NET-01') and tier in ('region', 'republic') and sex = '_T'
        and locality = '_T' and study_form = '_T'
        and case indicator when 'TCH-01' then denominator else numerator end is not null
),
grade_11 as (
    select year + 1 as year, region, sum(learner_count) as amount
    from measures.enrolment
    where grade_number = 11 and level = 'general_secondary'
    group by year, region
    having sum(learner_count) > 0
),
tested as (
    select year, region, count(distinct pid) as amount
    from staging.s7_unt
    where is_valid and leaver_year = year
    group by year, region
),
leaver as (
    select g.year as year, g.region as region, g.amount as expected, t.amount as found
    from grade_11 g
    join tested t on t.year = g.year and t.region = g.region
),
leaver_tier as (
    select year, 'region' as tier, cast(region * 10000000 as varchar) as geo_code, expected, found
    from leaver
    union all
    select year, 'republic' as tier, 'KZ' as geo_code, sum(expected) as expected, sum(found) as found
    from leaver
    group by year
),
compared as (
    select
        o.category as category, o.year as year, o.tier as tier, o.geo_code as geo_code,
        abs(cast(o.amount as double) - p.amount) as numerator, p.amount as denominator
    from own_tier o
    join printed p
        on p.category = o.category and p.year = o.year and p.tier = o.tier and p.geo_code = o.geo_code
        and p.edition_rank = 1
    where p.amount > 0
    union all
    select
        'leavers' as category, year, tier, geo_code, abs(cast(found as double) - expected) as numerator,
        cast(expected as double) as denominator
    from leaver_tier
    where expected > 0
)
select
    'GOV-08' as indicator, year, tier, geo_code, 'school' as level, '_T' as sex, '_T' as locality, '_T' as language,
    '_T' as ownership, '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject, category, numerator, denominator,
    cast(null as double) as value, cast(null as double) as se, cast(denominator as bigint) as n, 'ok' as flag,
    'preliminary' as status, 'S1+S2' as source, cast(null as varchar) as edition, cast(null as date) as published_on,
    0 as preference
from compared
