-- gov: obligation_due
-- grain:  one row per (form, year, org_bin) owed, with its date and when it was first met
-- nulls:  due_on NULL = the form has no date; reported_on NULL = not reported, and then is_on_time is false
-- source: gov.obligation, gov.form_due, gov.scope, gov.submission_day
with first_sent as (
    select c.form, c.year, c.org_bin as bin, min(d.submitted_on) as reported_on
    from gov.scope c
    join gov.submission_day d on d.submission = c.submission
    where c.org_bin is not null
    group by c.form, c.year, c.org_bin
),
first_by_subject as (
    select c.form, c.year, s.subject_bin as bin, min(d.submitted_on) as reported_on
    from gov.scope c
    join gov.submission s on s.submission = c.submission
    join gov.submission_day d on d.submission = c.submission
    where s.subject_bin is not null
    group by c.form, c.year, s.subject_bin
)
select
    o.form, o.year, o.region, o.district, o.org_bin, o.org_type, o.subject_kind, o.ownership, o.is_reported,
    f.as_of, f.due_on, case when o.is_reported then coalesce(s.reported_on, b.reported_on) end as reported_on,
    case
        when f.due_on is not null
            then o.is_reported and coalesce(coalesce(s.reported_on, b.reported_on) <= f.due_on, false)
    end as is_on_time
from gov.obligation o
left join gov.form_due f on f.form = o.form and f.year = o.year
left join first_sent s on s.form = o.form and s.year = o.year and s.bin = o.org_bin
left join first_by_subject b
    on b.form = o.form and b.year = o.year and b.bin = o.org_bin and o.subject_kind <> 'organisation'
