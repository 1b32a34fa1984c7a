-- gov: conflict
-- grain:  one row per (form, year, org_bin, source_system) of an organisation reported by several systems
-- source: gov.scope, gov.submission, and the warnings SYSTEM of gov.finding for rows withheld; ref.system_precedence.
--         stands: its rows are in the table
with reported as (
    select c.form, c.year, c.org_bin, coalesce(s.source_system, 'bilim') as source_system, c.submission
    from gov.scope c
    join gov.submission s on s.submission = c.submission
    where c.org_bin is not null
    union
    select
        s.form, cast(split_part(f.value, ' ', 1) as int) as year, cast(split_part(f.value, ' ', 2) as bigint) as org_bin,
        coalesce(s.source_system, 'bilim') as source_system, s.submission
    from gov.finding f
    join gov.submission s on s.submission = f.submission
    where f.rule = 'SYSTEM' and s.outcome = 'accepted'
),
latest as (
    select form, year, org_bin, source_system, max(submission) as submission
    from reported
    group by form, year, org_bin, source_system
),
counted as (
    select *, count(*) over (partition by form, year, org_bin) as system_count
    from latest
)
select
    c.form, c.year, c.org_bin, c.source_system, p.precedence, c.submission,
    coalesce(h.submission = c.submission and h.source_system = c.source_system, false) as stands,
    h.source_system as standing_system
from counted c
left join ref.system_precedence p on p.source_system = c.source_system
left join gov.holder h on h.form = c.form and h.year = c.year and h.org_bin = c.org_bin
where c.system_count > 1
