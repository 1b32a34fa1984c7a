-- measure: histogram
-- grain:   one row per (variable, year, region, district, org_bin, level, sex, language, score)
-- unit:    persons or marks by whole number: exact medians, percentiles and inequality at any tier
-- variables: unt_total, best total of a person at the admission test; exam_mark, best marks of final exams; teacher_age
-- nulls:   as the measure sets of the same facts; language is that of the test, '_T' for teachers
-- source:  forms S7.UNT, S6.EXAM, S1.STAFF
with sitting as (
    select distinct year, region, district, org_bin, pid, sex, language, sitting_order, total
    from staging.s7_unt
    where is_valid
),
best as (
    select
        *, row_number() over (partition by year, region, pid order by total desc, sitting_order) as sitting_rank
    from sitting
),
mark as (
    select year, region, district, org_bin, pid, level, exam_grade, sex, language, subject, max(mark) as mark
    from staging.s6_exam
    where is_admitted and mark is not null
    group by year, region, district, org_bin, pid, level, exam_grade, sex, language, subject
),
observed as (
    select
        'unt_total' as variable, year, region, district, org_bin, 'general_secondary' as level, sex, language,
        cast(total as bigint) as score, count(*) as person_count
    from best
    where sitting_rank = 1
    group by year, region, district, org_bin, sex, language, total
    union all
    select
        'exam_mark', year, region, district, org_bin, level, sex, language, cast(mark as bigint), count(*)
    from mark
    group by year, region, district, org_bin, level, sex, language, mark
    union all
    select
        'teacher_age', year, region, district, org_bin, level, sex, '_T', cast(age_number as bigint), sum(teacher_count)
    from measures.staff
    group by year, region, district, org_bin, level, sex, age_number
)
select variable, year, region, district, org_bin, level, sex, language, score, sum(person_count) as person_count
from observed
where person_count > 0
group by variable, year, region, district, org_bin, level, sex, language, score
