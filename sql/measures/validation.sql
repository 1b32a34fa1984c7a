-- measure: validation
-- grain:   one row per (year, region, district, org_bin, level, category = severity)
-- unit:    checks: rows of every submission, rejected ones included, times the checks of its form. A field is one check
--          of severity error (type, code, presence) and so is every rule of that severity
-- nulls:   a submission that covers several organisations counts in its district, with org_bin NULL, or in its region's
--          unallocated district. One over several regions, or of no region, counts in the unallocated district of the
--          region where its subject has its seat, one of no known subject where the ministry has it, and without a
--          ministry in the register in the last of its regions; so every submission counts once, and parts add up.
--          Only what has none of these has no place
-- source:  gov.submission, gov.submission_day, gov.scope, ref.field, ref.rule, gov.subject, register REG.AUTHORITY
-- the names of columns differ from those of gov.submission: DataFusion 55 confuses s.year and c.year in a filter that it
-- moves below the join, and loses rows
with covered as (
    select
        submission as covering, max(year) as covered_year, min(region) as region, max(region) as region_to,
        min(district) as district, max(district) as district_to, min(org_bin) as org_bin, max(org_bin) as org_bin_to
    from gov.scope
    group by submission
),
-- a rejected file of which no year is known counts in the year in which it was sent
dated as (
    select s.*, coalesce(s.year, c.covered_year, cast(date_part('year', d.submitted_on) as int)) as fact_year
    from gov.submission s
    join gov.submission_day d on d.submission = s.submission
    left join covered c on c.covering = s.submission
),
-- the newest entry of each authority: ministry, agencies, departments
entry as (
    select
        bin as entry_bin, kind, region as entry_region,
        row_number() over (partition by bin order by year desc) as entry_row
    from staging.reg_authority
),
ministry as (
    select 1 as ministry_key, min(entry_region) as ministry_region
    from entry
    where entry_row = 1 and kind = 'ministry'
),
-- where it counts: the one region that it covers, else its subject's, the ministry's, the last that it covers
located as (
    select
        s.*, c.covering, c.district as covered_district, c.district_to, c.org_bin, c.org_bin_to,
        j.subject_kind, j.bin as known_bin, j.district as subject_district,
        coalesce(c.region = c.region_to and c.region > 0, false) as is_one_region,
        case
            when c.region = c.region_to and c.region > 0 then c.region
            else coalesce(j.region, e.entry_region, m.ministry_region, c.region_to)
        end as region
    from (select *, 1 as ministry_key from dated) s
    left join covered c on c.covering = s.submission
    left join gov.subject j on j.year = s.fact_year and j.bin = s.subject_bin
    left join (select entry_bin, entry_region from entry where entry_row = 1) e on e.entry_bin = s.subject_bin
    left join ministry m on m.ministry_key = s.ministry_key
),
placed as (
    select
        submission, form, fact_year as year, row_count, error_count, warning_count, region,
        case
            when covering is null then coalesce(subject_district, region * 10000000)
            when is_one_region and covered_district is null then coalesce(subject_district, region * 10000000)
            when is_one_region and covered_district = district_to then covered_district
            else region * 10000000
        end as district,
        case
            when covering is null and subject_kind = 'organisation' then known_bin
            when is_one_region and org_bin = org_bin_to then org_bin
        end as org_bin
    from located
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
