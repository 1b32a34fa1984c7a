-- measure: upper_secondary
-- grain:   one row per (year, region, district, org_bin, level, sex, language); level is final
-- unit:    learners of upper secondary education (isced_3): pupils of general secondary education of any age and
--          students of TVE of its ages, of them the students; students of TVE of the ages of youth
-- nulls:   as enrolment
-- source:  measures.enrolment; ref.parameter upper_secondary_age_from and _to, youth_age_from and _to
with counted as (
    select
        e.year, e.region, e.district, e.org_bin, e.sex, e.language, e.level, e.learner_count,
        e.level = 'tve' and e.age_number between uf.value and ut.value as is_student,
        e.level = 'tve' and e.age_number between yf.value and yt.value as is_youth
    from measures.enrolment e
    join ref.parameter_year uf on uf.name = 'upper_secondary_age_from' and uf.year = e.year
    join ref.parameter_year ut on ut.name = 'upper_secondary_age_to' and ut.year = e.year
    join ref.parameter_year yf on yf.name = 'youth_age_from' and yf.year = e.year
    join ref.parameter_year yt on yt.name = 'youth_age_to' and yt.year = e.year
    where e.level in ('general_secondary', 'tve')
)
select
    year, region, district, org_bin, 'isced_3' as level, sex, language,
    sum(case when level = 'general_secondary' or is_student then learner_count else 0 end) as learner_count,
    sum(case when is_student then learner_count else 0 end) as student_count,
    sum(case when is_youth then learner_count else 0 end) as youth_count
from counted
where level = 'general_secondary' or is_student or is_youth
group by year, region, district, org_bin, sex, language
