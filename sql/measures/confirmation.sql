-- measure: confirmation
-- grain:   one row per (year, region, district, org_bin, level, category = form) that has landed
-- unit:    rows as submitted
-- nulls:   level is the main level of the organisation; what nobody sent is no row and is not counted against anybody
-- source:  gov.scope_state: signed by the head, standing, not returned
select
    s.year, s.region, s.district, s.org_bin, coalesce(t.main_level, 'all') as level, s.form as category,
    sum(s.row_count) as row_count, sum(case when s.is_confirmed then s.row_count else 0 end) as confirmed_row_count
from gov.scope_state s
left join gov.register r on r.year = s.year and r.org_bin = s.org_bin
left join ref.org_type t on t.org_type = r.org_type
where s.state not in ('rejected', 'superseded')
group by s.year, s.region, s.district, s.org_bin, t.main_level, s.form
