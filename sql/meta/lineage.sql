-- meta: lineage
-- grain:  one row per (indicator, year, form, fact_year, region, district, org_bin, submission)
-- nulls:  org_bin, state and is_confirmed are of forms by organisation; published aggregates have none
-- source: ref.indicator_term, ref.measure_form (which forms a measure reads), gov.scope, gov.scope_state, gov.submission;
--         fact_year is the year of the facts, which a term may count in a later one. Superseded submissions are left out
with used as (
    select distinct t.indicator, f.form, t.shift_year
    from ref.indicator_term t
    join ref.measure_form f on f.measure = t.measure
),
standing as (
    select
        form, year, region, district, org_bin, submission, row_count, state, is_confirmed, subject_bin, source_system,
        submitted_at, file_name, content_sha256
    from gov.scope_state
    where state not in ('rejected', 'superseded')
    union all
    select
        c.form, c.year, c.region, c.district, cast(null as bigint) as org_bin, c.submission, c.row_count,
        cast(null as varchar) as state, cast(null as boolean) as is_confirmed, s.subject_bin, s.source_system,
        s.submitted_at, s.file_name, s.content_sha256
    from gov.scope c
    join gov.submission s on s.submission = c.submission
    where c.org_bin is null
)
select
    u.indicator, s.year + u.shift_year as year, s.form, s.year as fact_year, s.region, s.district, s.org_bin,
    s.submission, s.row_count, s.state, s.is_confirmed, s.subject_bin, s.source_system, s.submitted_at, s.file_name,
    s.content_sha256
from used u
join standing s on s.form = u.form
