-- gov: scope_state
-- grain:  one row per (submission, year, org_bin) that landed, and one per rejected submission
-- nulls:  of a rejected submission neither organisation nor territory is known
-- source: gov.scope, gov.submission, gov.holder, gov.confirmation, gov.last_decision. state: rejected; superseded by a later
--         submission; else returned or accepted by the last decision; else confirmed by the head's signature; else
--         submitted. is_confirmed: signed, standing and not returned
with covered as (
    select
        form, year, org_bin, submission, max(region) as region, max(district) as district, sum(row_count) as row_count
    from gov.scope
    where org_bin is not null
    group by form, year, org_bin, submission
),
judged as (
    select
        v.submission, v.form, v.year, v.region, v.district, v.org_bin, v.row_count,
        h.submission <> v.submission as is_superseded, d.outcome as decision, d.authority_bin, d.reason,
        coalesce(c.is_confirmed and c.submission = v.submission, false) as is_signed
    from covered v
    join gov.holder h on h.form = v.form and h.year = v.year and h.org_bin = v.org_bin
    left join gov.confirmation c on c.form = v.form and c.year = v.year and c.org_bin = v.org_bin
    left join gov.last_decision d on d.submission = v.submission
)
select
    j.submission, j.form, j.year, j.region, j.district, j.org_bin, j.row_count,
    case
        when j.is_superseded then 'superseded'
        when j.decision = 'returned' then 'returned'
        when j.decision = 'accepted' then 'accepted'
        when j.is_signed then 'confirmed'
        else 'submitted'
    end as state,
    j.is_signed and not j.is_superseded and coalesce(j.decision <> 'returned', true) as is_confirmed,
    j.authority_bin, j.reason, s.subject_bin, s.source_system, s.submitted_at, s.file_name, s.content_sha256
from judged j
join gov.submission s on s.submission = j.submission
union all
select
    submission, form, year, cast(null as int) as region, cast(null as int) as district, cast(null as bigint) as org_bin,
    row_count, 'rejected' as state, false as is_confirmed, cast(null as bigint) as authority_bin,
    cast(null as varchar) as reason, subject_bin, source_system, submitted_at, file_name, content_sha256
from gov.submission
where outcome = 'rejected'
