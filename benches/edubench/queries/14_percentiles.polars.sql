-- 14, class A: percentiles 10, 25, 75 and 90 of the share of points reached, interpolated
-- polars: no within group
-- grain: one row per (year, region, subject)
-- tolerance: 1e-6: DataFusion 55 interpolates with a weight rounded to a millionth (INTERPOLATION_PRECISION)
select
    year, region, subject, count(*) as sittings,
    quantile_cont(reached, 0.10) as p10,
    quantile_cont(reached, 0.25) as p25,
    quantile_cont(reached, 0.75) as p75,
    quantile_cont(reached, 0.90) as p90
from (
    select year, region, subject, cast(score as double) / cast(score_max as double) as reached
    from raw.s7_unt
) scores
group by year, region, subject
