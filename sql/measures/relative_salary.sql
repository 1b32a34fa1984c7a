-- measure: relative_salary
-- grain:   one row per (indicator TCH-09, year, territory, level, edition)
-- unit:    tenge above and below the line: mean wage of teachers, mean wage in the economy of the same territory
-- nulls:   a territory without one of both has no row
-- source:  form S2.AGG, series mean_wage_teachers of a level and mean_wage of all
-- Wages are published as means: they stand at the tier that they are published at and are never added up.
with wage as (
    select
        year, kato, level, series, cast(value as double) as value, publisher, edition, published_on, status
    from staging.s2_agg
    where
        series in ('mean_wage', 'mean_wage_teachers') and sex = '_T' and locality = '_T' and language = '_T'
        and ownership = '_T' and study_form = '_T' and grade = '_T' and kato % 10000000 = 0
)
select
    'TCH-09' as indicator, t.year, case when t.kato = 0 then 'republic' else 'region' end as tier,
    case when t.kato = 0 then 'KZ' else lpad(cast(t.kato as varchar), 9, '0') end as geo_code, t.level,
    '_T' as sex, '_T' as locality, '_T' as language, '_T' as ownership, '_T' as study_form, '_T' as grade,
    '_T' as age, '_T' as subject, '_T' as category, t.value as numerator, e.value as denominator,
    cast(null as double) as value, cast(null as double) as se, cast(null as bigint) as n, 'ok' as flag,
    t.status as status, t.publisher as source, t.edition as edition, t.published_on as published_on,
    cast(row_number() over (
        partition by t.year, t.kato, t.level order by t.published_on desc nulls last, t.publisher, t.edition desc
    ) - 1 as int) as preference
from wage t
join wage e
    on e.year = t.year and e.kato = t.kato and e.publisher = t.publisher and e.edition = t.edition
    and e.series = 'mean_wage' and e.level = '_T'
where t.series = 'mean_wage_teachers' and t.level <> '_T'
