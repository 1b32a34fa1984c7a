-- gov: holder
-- grain:  one row per (form, year, org_bin) that has landed: the submission whose rows stand, the last one
-- source: gov.scope, gov.submission; a submission without a source system is one of the warehouse itself
with covered as (
    select
        form, year, org_bin, submission, max(region) as region, max(district) as district, sum(row_count) as row_count
    from gov.scope
    where org_bin is not null
    group by form, year, org_bin, submission
),
ranked as (
    select *, row_number() over (partition by form, year, org_bin order by submission desc) as submission_rank
    from covered
)
select
    r.form, r.year, r.region, r.district, r.org_bin, r.submission, r.row_count,
    coalesce(s.source_system, 'bilim') as source_system
from ranked r
join gov.submission s on s.submission = r.submission
where r.submission_rank = 1
