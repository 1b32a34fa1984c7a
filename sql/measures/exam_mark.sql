-- measure: exam_mark
-- grain:   one row per (year, region, district, org_bin, level, grade, sex, language, subject)
-- unit:    exam marks, the best attempt of a leaver in a subject
-- nulls:   an exam without a mark is not counted
-- source:  form S6.EXAM
with best as (
    select year, region, district, org_bin, pid, level, exam_grade, sex, language, subject, max(mark) as mark
    from staging.s6_exam
    where is_admitted and mark is not null
    group by year, region, district, org_bin, pid, level, exam_grade, sex, language, subject
)
select
    year, region, district, org_bin, level, cast(exam_grade as varchar) as grade, sex, language, subject,
    count(*) as mark_count,
    sum(case when mark >= 4 then 1 else 0 end) as quality_mark_count
from best
group by year, region, district, org_bin, level, exam_grade, sex, language, subject
