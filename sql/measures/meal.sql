-- measure: meal
-- grain:   one row per (year, region, district, org_bin, level, grade)
-- unit:    pupils fed on an average school day
-- nulls:   an organisation without a submission has no rows
-- source:  form S1.MEAL; ref.parameter free_meal_grade_to
select
    m.year, m.region, m.district, m.org_bin, m.level, cast(m.grade as varchar) as grade,
    sum(case when m.kind = 'free' and m.grade between 1 and p.value then m.pupil_count else 0 end) as free_count,
    sum(m.pupil_count) as fed_count
from staging.s1_meal m
join ref.parameter_year p on p.name = 'free_meal_grade_to' and p.year = m.year
group by m.year, m.region, m.district, m.org_bin, m.level, m.grade
