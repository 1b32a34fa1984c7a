-- gov: obligation
-- grain:  one row per (form, year, org_bin) owed
-- source: gov.register, ref.form_owed; is_reported from gov.reported
select
    f.form, r.year, r.region, r.district, r.org_bin, r.org_type, r.ownership, r.locality,
    r.name_kk, r.name_ru, r.name_en, p.org_bin is not null as is_reported
from gov.register r
join ref.form_owed f on f.org_type = r.org_type and f.valid_from_year <= r.year
left join gov.reported p on p.form = f.form and p.year = r.year and p.org_bin = r.org_bin
