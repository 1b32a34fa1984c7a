-- 07, class C: districts ranked by quality of knowledge (share of marks 4 and 5), ties share a rank, every year
-- grain: one row per (year, district); the share in tenths of a percent, rounded half up
with judged as (
    select
        year, district, count(*) as marks,
        floor(cast(sum(case when mark >= 4 then 1 else 0 end) as double) * 1000.0 / count(*) + 0.5) as quality
    from raw.s1_grade
    where period = 'final' and mark is not null
    group by year, district
)
select year, district, marks, quality, rank() over (partition by year order by quality desc) as place
from judged
order by year, place, district
