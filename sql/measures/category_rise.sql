-- measure: category_rise
-- grain:   one row per (year, region, district, org_bin, level, sex)
-- unit:    teachers counted as in staff who can rise: their category is below the highest step, or rose in the year;
--          risen = a commission granted a category of a higher step than the one before, from the fixing of the
--          year before to this one
-- nulls:   as staff; a category before that is not named is none
-- source:  forms S1.STAFF, S9B.CERTIFICATION (stage decision); ref.parameter category_step_<category>
with position as (
    select
        *,
        row_number() over (
            partition by year, region, org_bin, tid order by case when is_counted then 0 else 1 end, rate_fte desc, position
        ) as position_rank
    from staging.s1_staff
),
step as (
    select year, replace(name, 'category_step_', '') as category, value as step
    from ref.parameter_year
    where name like 'category_step_%'
),
highest as (
    select year, max(step) as step from step group by year
),
risen as (
    select distinct
        case when c.held_on <= make_date(c.year, 10, 1) then c.year else c.year + 1 end as year, c.tid
    from staging.s9b_certification c
    join step a on a.year = c.year and a.category = c.category_applied
    join step b on b.year = c.year and b.category = coalesce(c.category_before, 'none')
    where c.stage = 'decision' and c.result = 'granted' and a.step > b.step
)
select
    p.year, p.region, p.district, p.org_bin, o.main_level as level, p.sex,
    sum(case when s.step < h.step or r.tid is not null then 1 else 0 end) as eligible_count,
    count(r.tid) as risen_count
from position p
join ref.organisation o on o.year = p.year and o.org_bin = p.org_bin
join step s on s.year = p.year and s.category = p.category
join highest h on h.year = p.year
left join risen r on r.year = p.year and r.tid = p.tid
where p.is_counted and p.position_rank = 1
group by p.year, p.region, p.district, p.org_bin, o.main_level, p.sex
