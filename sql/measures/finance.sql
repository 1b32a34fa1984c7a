-- measure: finance
-- grain:   one row per (year, tier, geo_code, level): districts, regions and the republic as they are published
-- unit:    KZT of a budget year; price is an index
-- nulls:   what is not published for the unit is NULL; units are never added to each other
-- source:  form S2.AGG; of several editions of a cell the newest, as measures.population
with edition as (
    select
        year, kato, series, level, ownership, unit, status, cast(value as double) as value,
        dense_rank() over (
            partition by year, kato, series, level, ownership
            order by published_on desc nulls last, publisher, edition desc
        ) as edition_rank
    from staging.s2_agg
    where
        series in (
            'expenditure', 'expenditure_current', 'staff_compensation', 'government_expenditure', 'grp',
            'grp_per_capita', 'cpi', 'state_order_payments'
        )
        and sex = '_T' and locality = '_T' and language = '_T' and study_form = '_T' and grade = '_T'
),
amount as (
    select
        year, level, series, ownership, status, value * case unit when 'kzt_million' then 1000000 else 1 end as value,
        case when kato = 0 then 'republic' when kato % 10000000 = 0 then 'region' else 'district' end as tier,
        case when kato = 0 then 'KZ' else lpad(cast(kato as varchar), 9, '0') end as geo_code
    from edition
    where edition_rank = 1
)
select
    year, tier, geo_code, level, max(status) as status,
    max(case when series = 'expenditure' and ownership = '_T' then value end) as expenditure,
    max(case when series = 'expenditure_current' and ownership = '_T' then value end) as current_expenditure,
    max(case when series = 'staff_compensation' and ownership = '_T' then value end) as staff_compensation,
    max(case when series = 'government_expenditure' and ownership = '_T' then value end) as government_expenditure,
    max(case when series = 'grp' and ownership = '_T' then value end) as product,
    max(case when series = 'grp_per_capita' and ownership = '_T' then value end) as product_per_capita,
    max(case when series = 'cpi' and ownership = '_T' then value end) as price,
    max(case when series = 'state_order_payments' and ownership = '_T' then value end) as state_order,
    max(case when series = 'state_order_payments' and ownership = 'private' then value end) as private_state_order
from amount
group by year, tier, geo_code, level
