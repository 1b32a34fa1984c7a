-- gov: level_missing
-- grain:  one row per (year, level): base levels of education without a single learner in the lake
-- source: form S1.PUPIL; Rules, paragraph 10: the fixing covers all levels
with present as (
    select year as present_year, level as present_level, count(*) as learner_count
    from staging.s1_pupil
    group by year, level
)
select y.year, l.level
from ref.year y
cross join ref.level l
left join present p on p.present_year = y.year and p.present_level = l.level
where not l.is_composite and p.learner_count is null
