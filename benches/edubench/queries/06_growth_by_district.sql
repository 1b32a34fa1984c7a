-- 06, class C: change against the year before and mean yearly growth over five years, by district
-- grain: one row per (district, year)
-- nullif: in chDB lag over what cannot be NULL gives 0 before the first row
with counted as (
    select district, year, nullif(count(*), 0) as learners
    from raw.s1_pupil
    where enrol_to is null
    group by district, year
),
compared as (
    select
        district, year, learners,
        lag(learners, 1) over (partition by district order by year) as before,
        lag(learners, 5) over (partition by district order by year) as five_before
    from counted
)
select
    district, year, learners, before, five_before,
    cast(learners as double) / cast(before as double) - 1.0 as growth,
    power(cast(learners as double) / cast(five_before as double), 0.2) - 1.0 as growth_mean
from compared
order by district, year
