-- measure: partnership
-- grain:   one row per (year, region, district, org_bin, level)
-- unit:    organisations that work on 1 October; of them those with a patron enterprise or a target order; those that
--          meet the criteria of conditions for inclusion
-- nulls:   not stated: neither; an organisation without a passport has no row
-- source:  form S1.ORG
select
    o.year, o.region, o.district, o.org_bin, t.main_level as level,
    sum(case when o.is_active then 1 else 0 end) as organisation_count,
    sum(case when o.is_active and (coalesce(o.patron_count, 0) > 0 or coalesce(o.has_target_order, false)) then 1 else 0 end)
        as partnered_count,
    sum(case when o.is_active and coalesce(o.is_inclusive, false) then 1 else 0 end) as inclusive_count
from staging.s1_org o
join ref.org_type t on t.org_type = o.org_type
group by o.year, o.region, o.district, o.org_bin, t.main_level
