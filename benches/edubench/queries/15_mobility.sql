-- 15, class A: persons who were in two or more organisations in a year
-- grain: one row per year
select year, count(*) as persons, sum(organisations) as organisations
from (
    select year, pid, count(distinct org_bin) as organisations
    from raw.s1_pupil
    group by year, pid
    having count(distinct org_bin) >= 2
) movers
group by year
order by year
