-- 01, class C: enrolment headcount by region, year and sex
-- grain: one row per (year, region, sex)
select year, region, sex, count(*) as learners
from raw.s1_pupil
where enrol_to is null
group by year, region, sex
order by year, region, sex
