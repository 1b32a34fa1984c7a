-- staging: s1_infra
-- grain:   one row per (year, org_bin)
-- source:  form S1.INFRA
select
    year, region, submission, district, org_bin, has_electricity, has_internet, measured_mbps, computers_teaching,
    computers_recent, has_physics_room, has_chemistry_room, has_biology_room, has_stem_room, textbooks_required,
    textbooks_held, has_drinking_water, has_single_sex_toilets, has_handwashing, has_ramp, has_canteen, has_gym,
    repair_year
from raw.s1_infra
