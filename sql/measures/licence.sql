-- measure: licence
-- grain:   one row per (year, region, district, org_bin, level)
-- unit:    organisations that teach somebody on 1 October, kindergartens and mini-centres left out as in the catalogue
--          (levels 1 to 5), and those that hold a licence in force for every level they teach
-- nulls:   an organisation without learners has no row; without a licence in the register it is not covered
-- source:  forms S4A.LICENCE, S1.ORG, S1.PUPIL
with taught as (
    select year, org_bin, level, sum(learner_count) as learner_count
    from measures.enrolment
    group by year, org_bin, level
),
licensed as (
    select year, org_bin, level, max(case when is_valid then 1 else 0 end) as is_valid
    from staging.s4a_licence
    group by year, org_bin, level
),
organisation as (
    select t.year, t.org_bin, min(coalesce(l.is_valid, 0)) as is_licensed
    from taught t
    left join licensed l on l.year = t.year and l.org_bin = t.org_bin and l.level = t.level
    where t.learner_count > 0
    group by t.year, t.org_bin
)
select
    o.year, o.region, o.district, o.org_bin, o.main_level as level,
    sum(case when o.is_active then 1 else 0 end) as organisation_count,
    sum(case when o.is_active then c.is_licensed else 0 end) as licensed_count
from ref.organisation o
join organisation c on c.year = o.year and c.org_bin = o.org_bin
where o.main_level <> 'pre_school'
group by o.year, o.region, o.district, o.org_bin, o.main_level
