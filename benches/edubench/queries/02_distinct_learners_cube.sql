-- 02, class C: distinct learners, all years, in a CUBE of region, locality and level
-- grain: one row per subset of (region, locality, level); a dimension summed over is NULL
select p.region as region, o.locality as locality, p.level as level, count(distinct p.pid) as persons
from raw.s1_pupil p
join raw.s1_org o on o.year = p.year and o.org_bin = p.org_bin
group by cube (p.region, o.locality, p.level)
