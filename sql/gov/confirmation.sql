-- gov: confirmation
-- grain:  one row per (form, year, org_bin) that has landed
-- nulls:  signed_at, role, subject_bin, is_time_stamped, algorithm are NULL where the rows are not confirmed
-- source: gov.scope, gov.submission, gov.confirmation_event; Rules, paragraphs 2(9) and 8(3)
-- Confirmed are the rows of the latest accepted submission of a scope, and only if the head of the submitting
-- subject signed that submission: whatever lands later voids the confirmation until it is signed, too.
with covered as (
    select
        c.form, c.year, c.org_bin, c.submission,
        row_number() over (partition by c.form, c.year, c.org_bin, c.submission order by c.region, c.district) as part
    from gov.scope c
    where c.org_bin is not null
),
latest as (
    select
        c.form, c.year, c.org_bin, c.submission,
        row_number() over (
            partition by c.form, c.year, c.org_bin order by s.lake_version desc, c.submission desc
        ) as age
    from covered c
    join gov.submission s on s.submission = c.submission
    where c.part = 1 and s.outcome = 'accepted'
),
signed as (
    select
        submission, subject_bin, role, signed_at, is_time_stamped, algorithm,
        row_number() over (partition by submission order by lake_version, signature_sha256) as event
    from gov.confirmation_event
)
select
    l.form, l.year, l.org_bin, l.submission, e.submission is not null as is_confirmed, e.signed_at, e.role,
    e.subject_bin, e.is_time_stamped, e.algorithm
from latest l
left join signed e on e.submission = l.submission and e.event = 1
where l.age = 1
