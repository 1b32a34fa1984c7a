-- measure: class
-- grain:   one row per (year, region, district, org_bin, level, grade, language)
-- unit:    class-sets, persons
-- nulls:   as enrolment
-- source:  form S1.CLASS
select
    year, region, district, org_bin, level, cast(grade as varchar) as grade, language,
    count(*) as class_count,
    sum(pupil_count) as class_pupil_count
from staging.s1_class
group by year, region, district, org_bin, level, grade, language
