-- measure: learner_status
-- grain:   one row per (year, region, district, org_bin, level, sex, language, category = funding)
-- unit:    learners; on dual training; new entrants, and of them on technical specialities; who needs a place in a
--          dormitory, and has one; whose language at home is stated, and is that of instruction
-- nulls:   not stated: neither dual, nor technical, nor in need; a language not stated is in neither count
-- source:  form S1.PUPIL; ref.parameter technical_field_from, technical_field_to
select
    l.year, l.region, l.district, l.org_bin, l.level, l.sex, l.language, l.funding as category,
    count(*) as learner_count,
    sum(case when l.is_dual then 1 else 0 end) as dual_count,
    sum(case when l.is_new_entrant then 1 else 0 end) as entrant_count,
    sum(
        case
            when l.is_new_entrant and try_cast(substr(l.speciality, 1, 2) as int) between f.value and t.value then 1 else 0
        end
    ) as technical_count,
    sum(case when l.dormitory in ('needed', 'given') then 1 else 0 end) as dormitory_need_count,
    sum(case when l.dormitory = 'given' then 1 else 0 end) as dormitory_count,
    sum(case when l.home_language is not null then 1 else 0 end) as home_stated_count,
    sum(case when l.home_language = l.language then 1 else 0 end) as home_same_count
from measures.learner l
join ref.parameter_year f on f.name = 'technical_field_from' and f.year = l.year
join ref.parameter_year t on t.name = 'technical_field_to' and t.year = l.year
group by l.year, l.region, l.district, l.org_bin, l.level, l.sex, l.language, l.funding
