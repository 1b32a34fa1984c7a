-- gov: obligation_level
-- grain:  one row per (form, year, org_bin, level): the levels, composites included, at which an obliged
--         organisation teaches
-- source: gov.obligation, ref.org_type_level; departments stand at level all
with taught as (
    select distinct t.org_type, m.level
    from ref.org_type_level t
    join ref.level_member m on m.member = t.level
    where t.is_obliged
    union
    select org_type, main_level
    from ref.org_type
    union
    select org_type, 'all'
    from ref.org_type
    union
    select subject_kind, 'all'
    from ref.subject_kind
)
select
    o.form, o.year, o.region, o.district, o.org_bin, t.level, o.ownership, o.locality, o.is_reported
from gov.obligation o
join taught t on t.org_type = o.org_type
