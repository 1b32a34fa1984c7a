-- gov: obligation
-- grain:  one row per (form, year, org_bin) owed
-- nulls:  departments have no locality; they stand in the territory that they govern
-- source: gov.register, gov.department, ref.form_owed; is_reported from gov.reported, of departments from what they
--         themselves sent
select
    f.form, r.year, r.region, r.district, r.org_bin, r.org_type, 'organisation' as subject_kind, r.ownership,
    r.locality, r.name_kk, r.name_ru, r.name_en, p.org_bin is not null as is_reported
from gov.register r
join ref.form_owed f on f.org_type = r.org_type and f.valid_from_year <= r.year
left join gov.reported p on p.form = f.form and p.year = r.year and p.org_bin = r.org_bin
union all
select
    f.form, d.year, d.region, d.district, d.bin as org_bin, d.kind as org_type, d.kind as subject_kind,
    'state' as ownership, cast(null as varchar) as locality, d.name_kk, d.name_ru, d.name_en,
    p.bin is not null as is_reported
from gov.department d
join ref.form_owed f on f.org_type = d.kind and f.valid_from_year <= d.year
left join gov.reported_by_subject p on p.form = f.form and p.year = d.year and p.bin = d.bin
