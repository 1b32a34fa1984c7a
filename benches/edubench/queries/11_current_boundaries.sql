-- 11, class C: learners by region as reported, and by the region in which their organisation stands last
-- grain: one row per (year, region); before a region existed nothing was reported for it
with places as (
    select org_bin, region
    from (
        select org_bin, region, row_number() over (partition by org_bin order by year desc) as position
        from raw.s1_org
    ) passports
    where position = 1
),
cells as (
    select p.year as year, p.region as region, o.region as region_now, count(*) as learners
    from raw.s1_pupil p
    join places o on o.org_bin = p.org_bin
    where p.enrol_to is null
    group by p.year, p.region, o.region
),
both_ways as (
    select year, region, learners as reported, 0 as recast from cells
    union all
    select year, region_now as region, 0 as reported, learners as recast from cells
)
select year, region, sum(reported) as reported, sum(recast) as recast
from both_ways
group by year, region
order by year, region
