-- 16, class A: of those in grade 1 in the first year, how many are in the grade of their years later
-- grain: one row per (region of grade 1, years later)
select first.region as region, later.year - first.year as years_later, count(distinct first.pid) as persons
from raw.s1_pupil first
join raw.s1_pupil later on later.pid = first.pid
where first.year = 2019 and first.grade = 1 and first.level = 'primary' and first.enrol_to is null
    and later.enrol_to is null and later.grade = later.year - 2018 and later.level <> 'tve'
group by first.region, later.year - first.year
