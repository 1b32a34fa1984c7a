-- measure: staff
-- grain:   one row per (year, region, district, org_bin, level, sex, age, category)
-- unit:    persons; full-time equivalents in hundredths, so that sums are exact
-- nulls:   as enrolment; level is the main level of the organisation
-- source:  form S1.STAFF
select
    s.year, s.region, s.district, s.org_bin, o.main_level as level, s.sex, cast(s.age as varchar) as age, s.category,
    s.age as age_number,
    sum(case when s.is_counted then 1 else 0 end) as teacher_count,
    sum(case when s.is_counted and s.education = 'higher' then 1 else 0 end) as higher_education_count,
    sum(case when s.is_teacher and s.left_reason is null then cast(s.rate_fte * 100 as bigint) else 0 end)
        as teacher_fte_hundredths
from staging.s1_staff s
join ref.organisation o on o.year = s.year and o.org_bin = s.org_bin
group by s.year, s.region, s.district, s.org_bin, o.main_level, s.sex, s.age, s.category
