-- measure: true_cohort
-- grain:   one row per (year, region, district, org_bin, level, sex, language, category); level is final
-- unit:    persons who entered the first grade of the level: all of them, who has left the country or died since and
--          was not seen to complete, and who was seen to complete it anywhere within its duration (category on_time),
--          or one or two years more; year = the last in which they could. Completed: left with a certificate, was seen
--          in a grade above it, or (primary, basic) in vocational education
-- place:   where the organisation of entry is now
-- nulls:   no rows of an entry that is not in the lake
-- source:  form S1.PUPIL, pseudonyms followed through the years; ref.level; nominal duration of the programme in TVE
with step as (
    select level, grade_from, grade_to, "order"
    from ref.level
    where level in ('primary', 'basic_secondary', 'general_secondary')
),
entry as (
    select
        l.year, l.region, l.district, l.org_bin, l.pid, l.sex, l.language, l.level,
        s.grade_to - s.grade_from + 1 as duration
    from measures.learner l
    join step s on s.level = l.level and s.grade_from = l.grade
    where not l.is_repeater
    union all
    select year, region, district, org_bin, pid, sex, language, level, nominal_years
    from measures.learner
    where level in ('tve', 'post_secondary') and grade = 1 and is_new_entrant and nominal_years is not null
),
completion as (
    select distinct p.year, p.pid, s.level
    from staging.s1_pupil p
    join step s
        on (p.exit_reason = 'completed' and p.level = s.level and p.grade >= s.grade_to)
        or (p.is_active and p.level in ('primary', 'basic_secondary', 'general_secondary') and p.grade > s.grade_to)
        or (p.is_active and p.level in ('tve', 'post_secondary') and s.level in ('primary', 'basic_secondary'))
    union all
    select distinct year, pid, level
    from staging.s1_pupil
    where exit_reason = 'completed' and level in ('tve', 'post_secondary')
),
loss as (
    select distinct year as lost_year, pid
    from staging.s1_pupil
    where exit_reason in ('emigrated', 'died')
),
followed as (
    select
        e.year, e.region, e.district, e.org_bin, e.pid, e.sex, e.language, e.level, e.duration,
        min(l.lost_year) as lost_year, min(c.year) as completed_year
    from entry e
    left join completion c on c.pid = e.pid and c.level = e.level and c.year > e.year
    left join loss l on l.pid = e.pid and l.lost_year >= e.year
    group by e.year, e.region, e.district, e.org_bin, e.pid, e.sex, e.language, e.level, e.duration
),
delay as (
    select 0 as years, 'on_time' as category union all
    select 1, 'one_year_late' union all
    select 2, 'two_years_late'
),
judged as (
    select
        f.year + f.duration + d.years as year, f.region, f.district, f.org_bin, f.sex, f.language, f.level, d.category,
        coalesce(f.completed_year <= f.year + f.duration + d.years, false) as is_completed,
        coalesce(f.lost_year <= f.year + f.duration + d.years, false) as is_lost
    -- the few rows first: what stands first is held in memory
    from delay d
    cross join followed f
    where f.year + f.duration + d.years <= (select max(year) from staging.s1_pupil)
)
select
    j.year, coalesce(o.region, j.region) as region, coalesce(o.district, j.district) as district, j.org_bin, j.level,
    j.sex, j.language, j.category,
    count(*) as entrant_count,
    sum(case when j.is_lost and not j.is_completed then 1 else 0 end) as lost_count,
    sum(case when j.is_completed then 1 else 0 end) as completed_count
from judged j
left join ref.organisation o on o.year = j.year and o.org_bin = j.org_bin
group by 1, 2, 3, 4, 5, 6, 7, 8
