-- measure: accreditation
-- grain:   one row per (year, region, district, org_bin, level)
-- unit:    active organisations with an institutional accreditation in force on 1 October; accredited programmes
-- nulls:   an organisation without any accreditation has no row
-- source:  form S4C.ACCREDITATION
select
    a.year, o.region, o.district, a.org_bin, o.main_level as level,
    max(case when o.is_active and a.is_valid and a.kind = 'institutional' then 1 else 0 end) as accredited_count,
    sum(case when o.is_active and a.is_valid and a.kind = 'specialised' then 1 else 0 end) as programme_count
from staging.s4c_accreditation a
join ref.organisation o on o.year = a.year and o.org_bin = a.org_bin
group by a.year, o.region, o.district, a.org_bin, o.main_level
