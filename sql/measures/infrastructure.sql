-- measure: infrastructure
-- grain:   one row per (year, region, district, org_bin, level)
-- unit:    organisations, computers
-- nulls:   as enrolment
-- source:  form S1.INFRA; ref.parameter broadband_norm_mbps
select
    i.year, i.region, i.district, i.org_bin, o.main_level as level,
    sum(case when o.is_active then 1 else 0 end) as organisation_count,
    sum(case when o.is_active and coalesce(i.measured_mbps >= p.value, false) then 1 else 0 end) as broadband_count,
    sum(case when o.is_active then i.computers_recent else 0 end) as recent_computer_count
from staging.s1_infra i
join ref.organisation o on o.year = i.year and o.org_bin = i.org_bin
left join ref.parameter p
    on p.name = 'broadband_norm_mbps' and i.year >= p.valid_from_year
    and (p.valid_to_year is null or i.year <= p.valid_to_year)
group by i.year, i.region, i.district, i.org_bin, o.main_level
