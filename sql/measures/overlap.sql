-- measure: overlap
-- grain:   one row per (year, region, district, org_bin, level)
-- unit:    persons: enrolled_count and enrolled_overlapping_count at every organisation where a learner is active;
--          person_count and overlapping_count once for each learner and level, where the latest enrolment is
-- nulls:   an organisation without active learners has no row
-- source:  form S1.PUPIL; overlapping = active on 1 October in several organisations of the same level
with enrolled as (
    select year, region, district, org_bin, level, pid, max(enrol_from) as enrol_from
    from staging.s1_pupil
    where is_active
    group by year, region, district, org_bin, level, pid
),
person as (
    select
        *, count(*) over (partition by year, level, pid) as organisation_count,
        row_number() over (partition by year, level, pid order by enrol_from desc, org_bin) as enrolment_rank
    from enrolled
)
select
    year, region, district, org_bin, level, count(*) as enrolled_count,
    sum(case when organisation_count > 1 then 1 else 0 end) as enrolled_overlapping_count,
    sum(case when enrolment_rank = 1 then 1 else 0 end) as person_count,
    sum(case when enrolment_rank = 1 and organisation_count > 1 then 1 else 0 end) as overlapping_count
from person
group by year, region, district, org_bin, level
