-- measure: annual_enrolment
-- grain:   one row per (year, region, district, level); level includes composites
-- unit:    persons on 1 October of the year before and of the year
-- place:   learners of the year before count where their organisation is now
-- nulls:   nobody reported the year before, or the year: zero; whoever divides tells it from a real zero
-- source:  form S1.PUPIL
with autumn as (
    select e.year, e.region, e.district, e.org_bin, l.level, sum(e.learner_count) as learner_count
    from measures.enrolment e
    join ref.level_member l on l.member = e.level
    group by e.year, e.region, e.district, e.org_bin, l.level
),
part as (
    select year, region, district, level, 0 as before_count, learner_count as now_count
    from autumn
    union all
    select
        a.year + 1 as year, coalesce(o.region, a.region) as region, coalesce(o.district, a.district) as district,
        a.level, a.learner_count as before_count, 0 as now_count
    from autumn a
    left join ref.organisation o on o.year = a.year + 1 and o.org_bin = a.org_bin
)
select
    year, region, district, level, sum(before_count) as before_count, sum(now_count) as now_count
from part
group by year, region, district, level
