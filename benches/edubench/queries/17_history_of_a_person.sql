-- 17, class A: all marks of one person
-- grain: one row per mark; parameter :pid
select year, region, district, org_bin, grade, period, subject, mark, status
from raw.s1_grade
where pid = :pid
order by year, period, subject
