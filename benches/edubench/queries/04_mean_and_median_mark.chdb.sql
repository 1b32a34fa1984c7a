-- 04, class C: mean and median mark by subject, grade and region, all years and periods
-- chdb: its median is a sample's; the exact one with interpolation has this name
-- grain: one row per (subject, grade, region)
select
    subject, grade, region, count(*) as marks, avg(mark) as mark_mean,
    quantileExactInclusive(0.5)(mark) as mark_median
from raw.s1_grade
where mark is not null
group by subject, grade, region
order by subject, grade, region
