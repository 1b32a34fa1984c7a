-- 14, class A: percentiles 10, 25, 75 and 90 of the share of points reached, interpolated
-- chdb: no within group
-- grain: one row per (year, region, subject)
-- tolerance: 1e-6: DataFusion 55 interpolates with a weight rounded to a millionth (INTERPOLATION_PRECISION)
select
    year, region, subject, count(*) as sittings,
    quantileExactInclusive(0.10)(reached) as p10,
    quantileExactInclusive(0.25)(reached) as p25,
    quantileExactInclusive(0.75)(reached) as p75,
    quantileExactInclusive(0.90)(reached) as p90
from (
    select year, region, subject, cast(score as double) / cast(score_max as double) as reached
    from raw.s7_unt
) scores
group by year, region, subject
