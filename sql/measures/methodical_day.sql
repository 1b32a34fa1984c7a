-- measure: methodical_day
-- grain:   one row per (year, region, district, org_bin, level = school)
-- unit:    schools that a methodological day covered, each once; recommendations
-- nulls:   a school that no day covered has no row
-- source:  form S1.METHDAY; schools of ref.organisation open on 1 October; Rules, paragraph 6
select
    m.year, o.region, o.district, o.org_bin, 'school' as level,
    max(1) as covered_count,
    sum(m.recommendation_count) as recommendation_count,
    sum(m.done_count) as done_count
from staging.s1_methday m
join ref.organisation o on o.year = m.year and o.org_bin = m.visited_bin
where o.is_school and o.is_active
group by m.year, o.region, o.district, o.org_bin
