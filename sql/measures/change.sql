-- measure: change
-- grain:   one row per (year, region, district, org_bin, level, category = event)
-- unit:    changes; lag_day_sum in working days, the sum over the changes
-- nulls:   an organisation without changes has no row; level is its main level
-- source:  gov.timeliness
select
    c.year, c.region, c.district, c.org_bin, coalesce(t.main_level, 'all') as level, c.event as category,
    sum(c.change_count) as change_count, sum(case when c.is_on_time then c.change_count else 0 end) as on_time_count,
    sum(c.change_count * c.lag_working_days) as lag_day_sum
from gov.timeliness c
left join gov.register r on r.year = c.year and r.org_bin = c.org_bin
left join ref.org_type t on t.org_type = r.org_type
group by c.year, c.region, c.district, c.org_bin, t.main_level, c.event
