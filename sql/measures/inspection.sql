-- measure: inspection
-- grain:   one row per (year, region, district, level, category = severity of the violation, _T where there is none);
--          level is final: that of the organisation, and all for organisations and authorities together
-- unit:    inspections held, violations, prescriptions whose date of remedy has come by 1 October, and those of them
--          remedied by that date
-- nulls:   an inspection that was only planned is not counted
-- source:  form S5.INSPECTION; ref.organisation
with held as (
    select
        i.*, coalesce(i.due_on <= make_date(i.year, 10, 1), false) as is_due,
        coalesce(i.due_on <= make_date(i.year, 10, 1) and i.closed_on <= i.due_on, false) as is_closed_in_time,
        row_number() over (partition by i.year, i.inspection_no order by i.violation_no) as inspection_row
    from staging.s5_inspection i
    where i.is_held
),
at_level as (
    select h.*, 'all' as level from held h
    union all
    select h.*, o.main_level as level
    from held h
    join ref.organisation o on o.year = h.year and o.org_bin = h.subject_bin
),
counted as (
    select year, region, district, level, '_T' as category, 1 as inspections, 0 as violations, 0 as due, 0 as in_time
    from at_level
    where inspection_row = 1
    union all
    select
        year, region, district, level, severity, 0, 1, case when is_due then 1 else 0 end,
        case when is_closed_in_time then 1 else 0 end
    from at_level
    where is_violation
)
select
    year, region, district, level, category,
    sum(inspections) as inspection_count, sum(violations) as violation_count, sum(due) as due_count,
    sum(in_time) as closed_in_time_count
from counted
group by year, region, district, level, category
