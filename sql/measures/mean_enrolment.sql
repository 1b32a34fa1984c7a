-- measure: mean_enrolment
-- grain:   one row per (year, tier, geo_code, level): districts, regions and the republic
-- unit:    learners of a budget year: those of the autumn before stand for its months up to the school year, those of its
--          own autumn for the rest; is_estimate where nobody reported the autumn before
-- nulls:   a year whose own autumn nobody has reported has no row
-- source:  measures.annual_enrolment; ref.parameter budget_months_of_last_autumn
with unit as (
    select
        year, 'district' as tier, lpad(cast(district as varchar), 9, '0') as geo_code, region, level, before_count,
        now_count
    from measures.annual_enrolment
    where district % 10000000 <> 0
    union all
    select
        year, 'region' as tier, cast(region * 10000000 as varchar) as geo_code, region, level, before_count, now_count
    from measures.annual_enrolment
    union all
    select year, 'republic' as tier, 'KZ' as geo_code, 0 as region, level, before_count, now_count
    from measures.annual_enrolment
),
counted as (
    select
        year, tier, geo_code, region, level, sum(before_count) as before_count, sum(now_count) as now_count
    from unit
    group by year, tier, geo_code, region, level
)
select
    c.year, c.tier, c.geo_code, c.region, c.level, c.before_count = 0 as is_estimate,
    case
        when c.before_count = 0 then cast(c.now_count as double)
        else (m.value * c.before_count + (12 - m.value) * c.now_count) / 12
    end as learners
from counted c
join ref.parameter_year m on m.name = 'budget_months_of_last_autumn' and m.year = c.year
where c.now_count > 0
