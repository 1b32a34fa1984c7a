-- measure: inspected_subject
-- grain:   one row per (year, region, district, level, category = kind of subject); level is final
-- unit:    subjects in the plan of inspections, organisations and education authorities, each once; those of them that
--          were inspected on the plan
-- nulls:   a territory without a plan has no row
-- source:  form S5.INSPECTION; ref.organisation
with subject as (
    select
        year, region, district, subject_kind, subject_bin, max(case when is_held then 1 else 0 end) as is_inspected
    from staging.s5_inspection
    where basis = 'plan'
    group by year, region, district, subject_kind, subject_bin
),
at_level as (
    select s.*, 'all' as level from subject s
    union all
    select s.*, o.main_level as level
    from subject s
    join ref.organisation o on o.year = s.year and o.org_bin = s.subject_bin
)
select
    year, region, district, level, subject_kind as category,
    count(*) as planned_count, sum(is_inspected) as inspected_count
from at_level
group by year, region, district, level, subject_kind
