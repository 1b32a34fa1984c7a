-- measure: punctuality
-- grain:   one row per (year, category): the two publications and, as _T, both together; indicator GOV-11
-- unit:    publications; numerator those on time, denominator those published or due
-- nulls:   what is neither published nor due yet has no row
-- source:  gov.publication_due
with judged as (
    select year, publication, is_on_time
    from gov.publication_due
    where is_on_time is not null
),
counted as (
    select year, publication as category, count(*) as due_count, sum(case when is_on_time then 1 else 0 end) as on_time_count
    from judged
    group by year, publication
    union all
    select year, '_T' as category, count(*) as due_count, sum(case when is_on_time then 1 else 0 end) as on_time_count
    from judged
    group by year
)
select
    'GOV-11' as indicator, year, 'republic' as tier, 'KZ' as geo_code, 'all' as level, '_T' as sex, '_T' as locality,
    '_T' as language, '_T' as ownership, '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject, category,
    cast(on_time_count as double) as numerator, cast(due_count as double) as denominator, cast(null as double) as value,
    cast(null as double) as se, due_count as n, 'ok' as flag, 'final' as status, 'gov' as source,
    cast(null as varchar) as edition, cast(null as date) as published_on, 0 as preference
from counted
