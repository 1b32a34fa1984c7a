-- gov: missing
-- grain:  one row per (form, year, org_bin) owed and not delivered
-- source: gov.obligation
select
    o.form, o.year, o.region, o.district, lpad(cast(o.org_bin as varchar), 12, '0') as org_bin, o.org_type,
    o.ownership, o.locality, o.name_kk, o.name_ru, o.name_en
from gov.obligation o
where not o.is_reported
