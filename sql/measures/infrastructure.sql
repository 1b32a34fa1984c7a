-- measure: infrastructure
-- grain:   one row per (year, region, district, org_bin, level)
-- unit:    organisations, computers, textbooks; the counts of organisations are 0 or 1
-- nulls:   as enrolment
-- source:  form S1.INFRA; ref.parameter broadband_norm_mbps; levels that a type may teach: ref.org_type_level
with secondary_type as (
    select org_type, count(*) as level_count
    from ref.org_type_level
    where level in ('basic_secondary', 'general_secondary')
    group by org_type
),
reported as (
    select
        i.*, o.main_level, o.is_active, o.is_school and s.org_type is not null as is_secondary_school,
        i.has_physics_room or i.has_chemistry_room or i.has_biology_room or i.has_stem_room as has_modern_room
    from staging.s1_infra i
    join ref.organisation o on o.year = i.year and o.org_bin = i.org_bin
    left join secondary_type s on s.org_type = o.org_type
)
select
    i.year, i.region, i.district, i.org_bin, i.main_level as level,
    sum(case when i.is_active then 1 else 0 end) as organisation_count,
    sum(case when i.is_active and coalesce(i.measured_mbps >= p.value, false) then 1 else 0 end) as broadband_count,
    sum(case when i.is_active then i.computers_recent else 0 end) as recent_computer_count,
    sum(case when i.is_active and i.has_electricity then 1 else 0 end) as electricity_count,
    sum(case when i.is_active and i.has_internet then 1 else 0 end) as internet_count,
    sum(case when i.is_active and i.computers_teaching > 0 then 1 else 0 end) as computer_organisation_count,
    sum(case when i.is_active and i.has_ramp then 1 else 0 end) as adapted_count,
    sum(case when i.is_active and i.has_drinking_water then 1 else 0 end) as drinking_water_count,
    sum(case when i.is_active and i.has_single_sex_toilets then 1 else 0 end) as single_sex_toilet_count,
    sum(case when i.is_active and i.has_handwashing then 1 else 0 end) as handwashing_count,
    sum(case when i.is_active and i.is_secondary_school then 1 else 0 end) as secondary_school_count,
    sum(case when i.is_active and i.is_secondary_school and i.has_modern_room then 1 else 0 end)
        as modern_room_school_count,
    sum(case when i.is_active then i.textbooks_required else 0 end) as textbook_required_count,
    sum(case when i.is_active then i.textbooks_held else 0 end) as textbook_held_count
from reported i
left join ref.parameter_year p on p.name = 'broadband_norm_mbps' and p.year = i.year
group by i.year, i.region, i.district, i.org_bin, i.main_level
