-- staging: s1_org
-- grain:   one row per (year, org_bin)
-- nulls:   an organisation that sent no passport has no row
-- source:  form S1.ORG; is_active = open on 1 October of the year
select
    year, region, submission, district, org_bin, org_type, ownership, department,
    name_kk, name_ru, name_en, settlement, locality, language, shifts, design_capacity,
    is_small_class, is_support_school, building_state, opened, closed, merged_into, split_from,
    patron_count, has_target_order, is_inclusive,
    (opened is null or opened <= make_date(year, 10, 1))
    and (closed is null or closed > make_date(year, 10, 1)) as is_active,
    coalesce(opened > make_date(year - 1, 10, 1) and opened <= make_date(year, 10, 1), false) as is_opened_in_year,
    coalesce(closed > make_date(year - 1, 10, 1) and closed <= make_date(year, 10, 1), false) as is_closed_in_year
from raw.s1_org
