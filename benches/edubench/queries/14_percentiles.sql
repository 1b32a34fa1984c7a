-- 14, class A: percentiles 10, 25, 75 and 90 of the share of points reached, interpolated
-- grain: one row per (year, region, subject)
-- tolerance: 1e-6: DataFusion 55 interpolates with a weight rounded to a millionth (INTERPOLATION_PRECISION)
select
    year, region, subject, count(*) as sittings,
    percentile_cont(0.10) within group (order by reached) as p10,
    percentile_cont(0.25) within group (order by reached) as p25,
    percentile_cont(0.75) within group (order by reached) as p75,
    percentile_cont(0.90) within group (order by reached) as p90
from (
    select year, region, subject, cast(score as double) / cast(score_max as double) as reached
    from raw.s7_unt
) scores
group by year, region, subject
