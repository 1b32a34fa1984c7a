-- measure: small_class_enrolment
-- grain:   one row per (year, region, district, org_bin, level, sex, language)
-- unit:    persons in small-class schools; zero for other schools
-- nulls:   as enrolment
-- source:  forms S1.PUPIL and S1.ORG
select
    e.year, e.region, e.district, e.org_bin, e.level, e.sex, e.language,
    sum(case when o.is_small_class then e.learner_count else 0 end) as small_class_learner_count,
    sum(e.learner_count) as school_learner_count
from measures.enrolment e
join ref.organisation o on o.year = e.year and o.org_bin = e.org_bin
where o.is_school
group by e.year, e.region, e.district, e.org_bin, e.level, e.sex, e.language
