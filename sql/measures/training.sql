-- measure: training
-- grain:   one row per (year, region, district, org_bin, level, sex, category)
-- unit:    teachers counted as in staff who finished a course within the years of ref.parameter before 1 October;
--          recent = within its months
-- nulls:   as staff
-- source:  forms S9A.TRAINING of any year, S1.STAFF; ref.parameter training_valid_years, training_recent_months
with position as (
    select
        *,
        row_number() over (
            partition by year, region, org_bin, tid order by case when is_counted then 0 else 1 end, rate_fte desc, position
        ) as position_rank
    from staging.s1_staff
),
teacher as (
    select * from position where is_counted and position_rank = 1
),
trained as (
    select t.year, t.org_bin, t.tid, max(c.ended_on) as last_course
    from teacher t
    join ref.parameter_year p on p.name = 'training_valid_years' and p.year = t.year
    join staging.s9a_training c
        on c.tid = t.tid and c.is_passed and c.ended_on <= make_date(t.year, 10, 1)
        and c.ended_on > make_date(t.year - cast(p.value as int), 10, 1)
    group by t.year, t.org_bin, t.tid
)
select
    t.year, t.region, t.district, t.org_bin, o.main_level as level, t.sex, t.category,
    count(*) as teacher_count, count(c.tid) as trained_count,
    sum(
        case
            when
                12 * (t.year - date_part('year', c.last_course)) + 10 - date_part('month', c.last_course)
                - case when date_part('day', c.last_course) > 1 then 1 else 0 end < m.value
            then 1
            else 0
        end
    ) as recently_trained_count
from teacher t
join ref.organisation o on o.year = t.year and o.org_bin = t.org_bin
left join ref.parameter_year m on m.name = 'training_recent_months' and m.year = t.year
left join trained c on c.year = t.year and c.org_bin = t.org_bin and c.tid = t.tid
group by t.year, t.region, t.district, t.org_bin, o.main_level, t.sex, t.category
