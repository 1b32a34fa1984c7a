-- measure: freeze_conformance
-- grain:   one row per (year, category): the conditions of a fixing in October and, as _T, all of them; indicator GOV-10
-- unit:    conditions; numerator those kept, denominator those that can be judged
-- nulls:   what cannot be judged yet has no row
-- source:  gov.freeze_conformance
with judged as (
    select year, 'in_october' as condition, is_in_october as is_kept from gov.freeze_conformance
    union all
    select year, 'length' as condition, is_length_kept as is_kept from gov.freeze_conformance
    union all
    select year, 'notice' as condition, is_notice_kept as is_kept from gov.freeze_conformance
    union all
    select year, 'one_date' as condition, is_one_date as is_kept from gov.freeze_conformance
    union all
    select year, 'no_writes' as condition, is_without_writes as is_kept from gov.freeze_conformance
),
counted as (
    select year, condition as category, count(*) as judged_count, sum(case when is_kept then 1 else 0 end) as kept_count
    from judged
    where is_kept is not null
    group by year, condition
    union all
    select year, '_T' as category, count(*) as judged_count, sum(case when is_kept then 1 else 0 end) as kept_count
    from judged
    where is_kept is not null
    group by year
)
select
    'GOV-10' as indicator, year, 'republic' as tier, 'KZ' as geo_code, 'all' as level, '_T' as sex, '_T' as locality,
    '_T' as language, '_T' as ownership, '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject, category,
    cast(kept_count as double) as numerator, cast(judged_count as double) as denominator, cast(null as double) as value,
    cast(null as double) as se, judged_count as n, 'ok' as flag, 'final' as status, 'gov' as source,
    cast(null as varchar) as edition, cast(null as date) as published_on, 0 as preference
from counted
