-- measure: finance_value
-- grain:   one row per (indicator, year, tier, geo_code, level): FIN-01 to FIN-05 and FIN-07
-- unit:    numerators in KZT; value is numerator * scale / denominator
-- nulls:   a row where the numerator is published; not_available where what it is divided by is not
-- source:  forms S2.AGG and S1.PUPIL; ref.parameter price_base_year
-- Choices:
-- * The year is the budget year. Expenditure is that of the unit itself as published: what a region spends beside its
--   districts is in the region only.
-- * Prices are those of the republic, whatever the unit, so that units compare; price_base_year names the prices.
-- * flag estimate: nobody has reported the autumn before, the learners are those of the year's own autumn.
with price as (
    select f.year, b.price / nullif(f.price, 0) as to_base
    from measures.finance f
    join ref.parameter_year y on y.name = 'price_base_year' and y.year = f.year
    join measures.finance b on b.year = y.value and b.tier = 'republic' and b.level = 'all'
    where f.tier = 'republic' and f.level = 'all'
),
economy as (
    select year, tier, geo_code, product_per_capita
    from measures.finance
    where level = 'all'
),
spent as (
    select
        f.year, f.tier, f.geo_code, f.level, f.status, f.current_expenditure, e.learners, p.to_base,
        g.product_per_capita, case when e.is_estimate then 'estimate' else 'ok' end as flag
    from measures.finance f
    left join measures.mean_enrolment e
        on e.year = f.year and e.tier = f.tier and e.geo_code = f.geo_code and e.level = f.level
    left join price p on p.year = f.year
    left join economy g on g.year = f.year and g.tier = f.tier and g.geo_code = f.geo_code
    where f.current_expenditure is not null
),
answer as (
    select
        'FIN-01' as indicator, year, tier, geo_code, level, expenditure as numerator, product as denominator,
        cast(null as bigint) as n, 'ok' as flag, status, 'S2' as source
    from measures.finance
    where level = 'all' and expenditure is not null
    union all
    select
        'FIN-02', year, tier, geo_code, level, expenditure, government_expenditure, cast(null as bigint), 'ok', status, 'S2'
    from measures.finance
    where level = 'all' and expenditure is not null
    union all
    select
        'FIN-03', year, tier, geo_code, level, current_expenditure, learners, cast(round(learners) as bigint), flag, status,
        'S2+S1'
    from spent
    union all
    select
        'FIN-03-REAL', year, tier, geo_code, level, current_expenditure * to_base, learners,
        cast(round(learners) as bigint), flag, status, 'S2+S1'
    from spent
    union all
    select
        'FIN-04', year, tier, geo_code, level, current_expenditure / nullif(learners, 0), product_per_capita,
        cast(round(learners) as bigint), flag, status, 'S2+S1'
    from spent
    union all
    select
        'FIN-05', year, tier, geo_code, level, staff_compensation, current_expenditure, cast(null as bigint), 'ok', status,
        'S2'
    from measures.finance
    where staff_compensation is not null
    union all
    select
        'FIN-07', year, tier, geo_code, level, private_state_order, state_order, cast(null as bigint), 'ok', status, 'S2'
    from measures.finance
    where private_state_order is not null
)
select
    indicator, year, tier, geo_code, level, '_T' as sex, '_T' as locality, '_T' as language, '_T' as ownership,
    '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject, '_T' as category, numerator, denominator,
    cast(null as double) as value, cast(null as double) as se, n, flag, status, source,
    cast(null as varchar) as edition, cast(null as date) as published_on, 0 as preference
from answer
