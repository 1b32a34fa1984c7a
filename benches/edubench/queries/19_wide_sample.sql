-- 19, class A: a sample of one person in a hundred, every column, the first hundred rows by birth
-- grain: one row per enrolment
select *
from raw.s1_pupil
where pid between 0 and 184467440737095516
order by birth, pid, year, org_bin
limit 100
