-- measure: certification
-- grain:   one row per (year, region, district, org_bin, level, grade, sex, language)
-- unit:    leavers admitted to the final exams; honours = certificate with honours or Altyn belgi
-- nulls:   an admitted leaver without any mark has not passed
-- source:  form S6.EXAM; the best attempt of a subject counts
with best as (
    select year, region, district, org_bin, pid, level, exam_grade, sex, language, subject, max(mark) as mark,
        max(case when honours in ('honours', 'altyn_belgi') then 1 else 0 end) as has_honours
    from staging.s6_exam
    where is_admitted
    group by year, region, district, org_bin, pid, level, exam_grade, sex, language, subject
),
leaver as (
    select
        year, region, district, org_bin, pid, level, exam_grade, sex, language,
        min(coalesce(mark, 2)) as lowest_mark, max(has_honours) as has_honours
    from best
    group by year, region, district, org_bin, pid, level, exam_grade, sex, language
)
select
    year, region, district, org_bin, level, cast(exam_grade as varchar) as grade, sex, language,
    count(*) as admitted_count,
    sum(case when lowest_mark >= 3 then 1 else 0 end) as passed_count,
    sum(has_honours) as honours_count
from leaver
group by year, region, district, org_bin, level, exam_grade, sex, language
