-- measure: inequality
-- grain:   one row per (indicator, year, tier, geo_code, level, sex, locality, language, category)
-- unit:    index; total = the Gini coefficient, by category Gini, Theil's T and its parts between and within the units
--          of the next tier below
-- nulls:   as distribution
-- source:  measures.distribution of the best totals at the admission test, form S7.UNT
with kind as (
    select '_T' as category union all
    select 'gini' union all
    select 'theil' union all
    select 'theil_between' union all
    select 'theil_within'
)
select
    'EQT-08' as indicator, d.year, d.tier, d.geo_code, d.level, d.sex, d.locality, d.language, '_T' as ownership,
    '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject, k.category, cast(null as double) as numerator,
    cast(null as double) as denominator,
    case k.category
        when 'theil' then d.theil
        when 'theil_between' then d.theil_between
        when 'theil_within' then d.theil_within
        else d.gini
    end as value,
    cast(null as double) as se, cast(d.n as bigint) as n, 'ok' as flag, year_status(d.year) as status, 'S7' as source,
    cast(null as varchar) as edition, cast(null as date) as published_on, 0 as preference
from measures.distribution d
cross join kind k
where d.variable = 'unt_total' and d.tier in ('region', 'republic')
