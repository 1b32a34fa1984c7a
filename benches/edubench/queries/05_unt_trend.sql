-- 05, class C: mean score and share above the threshold in the admission test, by subject and year
-- grain: one row per (year, subject)
select
    year, subject, count(*) as sittings, avg(score) as score_mean,
    cast(sum(case when score >= 5 and total >= 50 then 1 else 0 end) as double) / count(*) as passed_share
from raw.s7_unt
where status = 'valid'
group by year, subject
order by year, subject
