-- ref: org_type
-- grain: one row per type of organisation
-- source: ref.org_type_level; main_level is the level under which the organisation itself is counted
select
    org_type,
    bool_or(is_school) as is_school,
    case
        when bool_or(is_school) then 'school'
        when bool_or(level = 'post_secondary' and is_obliged) and not bool_or(level = 'tve' and is_obliged)
            then 'post_secondary'
        when bool_or(level = 'tve') then 'tve'
        else 'pre_school'
    end as main_level
from ref.org_type_level
group by org_type
