-- 21, class A: marks in mathematics in private schools of cities with fast internet, against the population
-- grain: one row per (year, region, grade); marks with passports, infrastructure, authorities and population
select
    g.year as year, a.name_en as authority, g.grade as grade, max(p.population) as population,
    count(*) as marks, avg(g.mark) as mark_mean, count(distinct g.org_bin) as schools
from raw.s1_grade g
join raw.s1_org o on o.year = g.year and o.org_bin = g.org_bin
join raw.s1_infra i on i.year = g.year and i.org_bin = g.org_bin
join raw.reg_authority a on a.year = g.year and a.region = g.region
join raw.s2_pop p on p.year = g.year + 1 and p.region = g.region
where g.period = 'final' and g.subject = 'mathematics' and g.mark is not null
    and o.ownership = 'private' and o.locality = 'urban'
    and i.measured_mbps >= 20
    and a.kind = 'region_dept'
    and p.age = 15 and p.age_to = 15 and p.sex = '_T' and p.locality = '_T'
group by g.year, a.name_en, g.grade
