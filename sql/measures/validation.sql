-- measure: validation
-- grain:   one row per (year, region, district, org_bin, level, category = severity)
-- unit:    checks: rows of every submission, rejected ones included, times the checks of its form. A field is one check
--          of severity error (type, code, presence) and so is every rule of that severity
-- nulls:   a submission that covers several organisations counts in its district, with org_bin NULL, or in its region's
--          unallocated district; one over several regions, and a rejected one of no subject, counts nowhere
-- source:  gov.submission, gov.submission_day, gov.scope, ref.field, ref.rule, gov.subject
with covered as (
    select
        submission as covering, max(year) as year, min(region) as region, max(region) as region_to,
        min(district) as district, max(district) as district_to, min(org_bin) as org_bin, max(org_bin) as org_bin_to
    from gov.scope
    group by submission
),
-- a rejected file of which no year is known counts in the year in which it was sent
dated as (
    select s.*, coalesce(s.year, c.year, cast(date_part('year', d.submitted_on) as int)) as fact_year
    from gov.submission s
    join gov.submission_day d on d.submission = s.submission
    left join covered c on c.covering = s.submission
),
placed as (
    select
        s.submission, s.form, s.fact_year as year, s.row_count, s.error_count, s.warning_count,
        coalesce(c.region, j.region) as region,
        case
            when c.district is null then j.district
            when c.district = c.district_to then c.district
            else c.region * 10000000
        end as district,
        case
            when c.covering is null and j.subject_kind = 'organisation' then j.bin
            when c.org_bin = c.org_bin_to then c.org_bin
        end as org_bin
    from dated s
    left join covered c on c.covering = s.submission
    left join gov.subject j on j.year = s.fact_year and j.bin = s.subject_bin
    where c.covering is null or c.region = c.region_to
),
check_count as (
    select form as check_form, 'error' as severity, count(*) as check_count from ref.field group by form
    union all
    select form as check_form, severity, count(*) as check_count from ref.rule group by form, severity
),
executed as (
    select check_form, severity, sum(check_count) as check_count
    from check_count
    group by check_form, severity
)
select
    p.year, p.region, p.district, p.org_bin, coalesce(t.main_level, 'all') as level, e.severity as category,
    sum(p.row_count * e.check_count) as executed_count,
    sum(case e.severity when 'error' then p.error_count else p.warning_count end) as failed_count
from placed p
join executed e on e.check_form = p.form
left join gov.register r on r.year = p.year and r.org_bin = p.org_bin
left join ref.org_type t on t.org_type = r.org_type
where p.year is not null and p.region is not null and p.region > 0 and p.district is not null
group by p.year, p.region, p.district, p.org_bin, t.main_level, e.severity
