-- 09, class C: the four coverage tiers of marks by sex and year: country, regions, districts, organisations
-- grain: one row per (year, tier unit, sex); what a tier sums over is NULL
select year, region, district, org_bin, sex, count(*) as marks, sum(mark) as mark_sum, avg(mark) as mark_mean
from raw.s1_grade
group by grouping sets (
    (year, sex),
    (year, region, sex),
    (year, region, district, sex),
    (year, region, district, org_bin, sex)
)
