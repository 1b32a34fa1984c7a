-- measure: unt_histogram
-- grain:   one row per (year, region, district, org_bin, level, sex, language, total)
-- unit:    persons by the total of their best sitting, whole points: every percentile of it is exact
-- nulls:   as unt
-- source:  form S7.UNT
with sitting as (
    select
        year, region, district, org_bin, pid, sex, language, sitting_order, max(total) as total
    from staging.s7_unt
    where is_valid
    group by year, region, district, org_bin, pid, sex, language, sitting_order
),
ranked as (
    select
        *, row_number() over (partition by year, region, pid order by total desc, sitting_order) as sitting_rank
    from sitting
)
select
    year, region, district, org_bin, 'general_secondary' as level, sex, language, total, count(*) as person_count
from ranked
where sitting_rank = 1
group by year, region, district, org_bin, sex, language, total
