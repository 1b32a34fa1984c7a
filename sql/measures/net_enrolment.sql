-- measure: net_enrolment
-- grain:   one row per (year, region, district, org_bin, level, sex, language); level is final
-- unit:    persons of the official age of the level who are enrolled at it or above
-- nulls:   as enrolment
-- source:  form S1.PUPIL; official ages of ref.level
select
    e.year, e.region, e.district, e.org_bin, l.level, e.sex, e.language,
    sum(e.learner_count) as learner_count
from measures.enrolment e
join ref.level own on own.level = e.level
join ref.level l on e.age_number between l.age_from and l.age_to and own."order" >= l."order"
where not l.is_composite
group by e.year, e.region, e.district, e.org_bin, l.level, e.sex, e.language
