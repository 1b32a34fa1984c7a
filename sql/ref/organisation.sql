-- ref: organisation
-- grain: one row per (year, org_bin): the passport in force in that reporting year
-- nulls: is_reported is always true here; who sent no passport is in gov.missing by its last one
select
    o.year, o.region, o.district, o.org_bin, lpad(cast(o.org_bin as varchar), 12, '0') as bin, o.org_type,
    t.main_level, t.is_school, o.ownership, o.locality, o.language, o.shifts, o.design_capacity, o.is_small_class,
    o.building_state, o.opened, o.closed, o.is_active, o.is_opened_in_year, o.is_closed_in_year,
    o.name_kk, o.name_ru, o.name_en
from staging.s1_org o
join ref.org_type t on t.org_type = o.org_type
