-- 20, class A: persons whose marks of a year are low on average
-- grain: one row per (pid, year)
select pid, year, count(*) as marks, sum(mark) as mark_sum, min(mark) as lowest
from raw.s1_grade
where mark is not null
group by pid, year
having 100 * sum(mark) < 265 * count(*)
