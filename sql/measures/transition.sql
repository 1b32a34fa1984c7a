-- measure: transition
-- grain:   one row per (year, region, district, org_bin, level, sex, language); level, the one left, is final
-- who:     who repeats the last grade is no candidate, where the organisation reported the candidates
-- place:   candidates of the year before count where their organisation is now
-- unit:    persons: who entered the first grade of the next level, and who could have
-- nulls:   no candidates in a year whose preceding year is not in the lake
-- source:  form S1.PUPIL; last and first grades of ref.level
with step as (
    select l.level, entered.level as level_entered, entered.grade_from as first_grade, l.grade_to as last_grade
    from ref.level entered
    join ref.level l on l.grade_to = entered.grade_from - 1 and not l.is_composite and l.level not in ('tve', 'post_secondary')
    where not entered.is_composite and entered.level in ('basic_secondary', 'general_secondary')
),
entrant as (
    select
        e.year, e.region, e.district, e.org_bin, s.level, e.sex, e.language,
        e.learner_count - e.repeater_count as entrant_count, cast(null as bigint) as candidate_count
    from measures.enrolment e
    join step s on s.level_entered = e.level and s.first_grade = e.grade_number
),
candidate as (
    select
        e.year + 1 as year, coalesce(o.region, e.region) as region, coalesce(o.district, e.district) as district, e.org_bin, s.level, e.sex, e.language,
        cast(null as bigint) as entrant_count, e.learner_count as candidate_count
    from measures.enrolment e
    join step s on s.level = e.level and s.last_grade = e.grade_number
    left join ref.organisation o on o.year = e.year + 1 and o.org_bin = e.org_bin
),
held_back as (
    select
        e.year, e.region, e.district, e.org_bin, s.level, e.sex, e.language,
        cast(null as bigint) as entrant_count, -e.repeater_count as candidate_count
    from measures.enrolment e
    join step s on s.level = e.level and s.last_grade = e.grade_number
    where exists (
        select 1 from gov.reported p where p.form = 'S1.PUPIL' and p.year = e.year - 1 and p.org_bin = e.org_bin
    )
),
part as (
    select * from entrant
    union all
    select * from candidate
    union all
    select * from held_back
)
select
    year, region, district, org_bin, level, sex, language,
    sum(entrant_count) as entrant_count,
    sum(candidate_count) as candidate_count
from part
group by year, region, district, org_bin, level, sex, language
