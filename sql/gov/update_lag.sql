-- gov: update_lag
-- grain:  one row per (year, region, district, org_bin)
-- unit:   working days; p90 is the least lag that nine changes of ten do not exceed
-- source: gov.timeliness
with lag_count as (
    select year, region, district, org_bin, lag_working_days, sum(change_count) as change_count
    from gov.timeliness
    group by year, region, district, org_bin, lag_working_days
),
cumulated as (
    select
        *, sum(change_count) over (partition by year, region, district, org_bin order by lag_working_days) as up_to_count,
        sum(change_count) over (partition by year, region, district, org_bin) as all_count
    from lag_count
)
select
    year, region, district, org_bin, sum(change_count) as change_count,
    cast(sum(change_count * lag_working_days) as double) / sum(change_count) as mean_lag_working_days,
    min(case when up_to_count * 10 >= all_count * 9 then lag_working_days end) as p90_lag_working_days
from cumulated
group by year, region, district, org_bin
