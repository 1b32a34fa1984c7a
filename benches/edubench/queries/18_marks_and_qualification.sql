-- 18, class A: correlation and slope of the mean mark of a school on its share of teachers of high qualification
-- grain: one row per district with at least five school-years that differ
with marks as (
    select year, district, org_bin, avg(mark) as mark_mean
    from raw.s1_grade
    where period = 'final' and mark is not null
    group by year, district, org_bin
),
teachers as (
    select
        year, org_bin,
        cast(sum(case when category in ('expert', 'researcher', 'master') then 1 else 0 end) as double) / count(*)
            as qualified_share
    from raw.s1_staff
    where is_teacher and is_main_job and left_reason is null
    group by year, org_bin
)
select
    m.district as district, count(*) as school_years,
    corr(m.mark_mean, t.qualified_share) as correlation,
    covar_samp(m.mark_mean, t.qualified_share) / var_samp(t.qualified_share) as slope
from marks m
join teachers t on t.year = m.year and t.org_bin = m.org_bin
group by m.district
having count(*) >= 5 and min(t.qualified_share) < max(t.qualified_share) and min(m.mark_mean) < max(m.mark_mean)
