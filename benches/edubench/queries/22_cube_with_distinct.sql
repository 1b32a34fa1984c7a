-- 22, class A: a full CUBE of four dimensions with sum, mean and distinct persons, one year
-- grain: one row per subset of (region, subject, grade, sex); a dimension summed over is NULL
select
    region, subject, grade, sex, count(*) as marks, sum(mark) as mark_sum, avg(mark) as mark_mean,
    count(distinct pid) as persons
from raw.s1_grade
where year = 2024 and period = 'final'
group by cube (region, subject, grade, sex)
