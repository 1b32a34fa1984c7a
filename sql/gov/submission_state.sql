-- gov: submission_state
-- grain:  one row per submission that is rejected or covers an organisation
-- source: gov.scope_state: superseded when nothing of it stands, returned when anything was, accepted and confirmed
--         when all that stands is
select
    submission, min(form) as form, max(year) as year, count(org_bin) as organisation_count,
    case
        when bool_or(state = 'rejected') then 'rejected'
        when bool_and(state = 'superseded') then 'superseded'
        when bool_or(state = 'returned') then 'returned'
        when bool_and(state in ('accepted', 'superseded')) then 'accepted'
        when bool_and(state in ('confirmed', 'accepted', 'superseded')) then 'confirmed'
        else 'submitted'
    end as state,
    max(subject_bin) as subject_bin, max(submitted_at) as submitted_at, max(reason) as reason
from gov.scope_state
group by submission
