-- measure: network
-- grain:   one row per (year, region, district, org_bin, level, category = type of organisation)
-- unit:    organisations, places
-- nulls:   an organisation without a passport has no row; places are those of active organisations
-- source:  form S1.ORG
select
    year, region, district, org_bin, main_level as level, org_type as category,
    sum(case when is_active then 1 else 0 end) as organisation_count,
    sum(case when is_active and is_school then 1 else 0 end) as school_count,
    sum(case when is_active and is_school and is_small_class then 1 else 0 end) as small_class_school_count,
    sum(case when is_active and is_school and shifts = 3 then 1 else 0 end) as three_shift_school_count,
    sum(case when is_active and building_state = 'emergency' then 1 else 0 end) as emergency_count,
    sum(case when is_active then design_capacity else 0 end) as place_count
from ref.organisation
group by year, region, district, org_bin, main_level, org_type
