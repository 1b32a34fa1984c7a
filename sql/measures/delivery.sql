-- measure: delivery
-- grain:   one row per (year, region, district, org_bin, level, category = form) owed
-- unit:    obligations; level is the main level of the organisation, of departments all
-- nulls:   departments have no locality
-- source:  gov.obligation: who owes and who delivered are one set
select
    o.year, o.region, o.district, o.org_bin, coalesce(t.main_level, 'all') as level, o.form as category, o.ownership,
    o.locality, 1 as obliged_count, case when o.is_reported then 1 else 0 end as reported_count
from gov.obligation o
left join ref.org_type t on t.org_type = o.org_type
