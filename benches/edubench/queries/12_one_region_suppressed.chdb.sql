-- 12, class C: question 04 as an official of one region sees it, cells of fewer than ten marks suppressed
-- chdb: its median is a sample's; the exact one with interpolation has this name
-- grain: one row per (year, district, subject, grade, sex, language)
select
    year, district, subject, grade, sex, language,
    case when count(*) < 10 then null else count(*) end as marks,
    case when count(*) < 10 then null else avg(mark) end as mark_mean,
    case when count(*) < 10 then null else quantileExactInclusive(0.5)(mark) end as mark_median
from raw.s1_grade
where region = 75 and mark is not null and period = 'final'
group by year, district, subject, grade, sex, language
