-- measure: attrition
-- grain:   one row per (year, region, district, org_bin, level, sex): from the fixing of the year before to this one
-- unit:    teachers counted as in staff. base = those of the year before, leaver = those of them who left and of whom no
--          organisation reports a position of a teacher this year: only where staff was reported in both years.
--          stock_before, stock_now, stock_new (less than a year of experience): also of organisations that opened
--          or closed between the fixings
-- nulls:   an organisation that is silent in one of the years has no row; a transfer to another organisation of
--          education is no leaving; it stands where it is this year, if closed where it was
-- source:  form S1.STAFF of two years; ref.organisation
with position as (
    select
        *,
        row_number() over (
            partition by year, region, org_bin, tid order by case when is_counted then 0 else 1 end, rate_fte desc, position
        ) as position_rank
    from staging.s1_staff
),
teacher as (
    select year, region, district, org_bin, tid, sex, experience_years
    from position
    where is_counted and position_rank = 1
),
anywhere as (
    select distinct year, tid from staging.s1_staff where is_counted
),
leaver as (
    select distinct s.year, s.org_bin, s.tid, s.sex
    from staging.s1_staff s
    left join anywhere a on a.year = s.year and a.tid = s.tid
    where s.is_teacher and s.is_main_job and s.left_reason is not null and s.left_reason <> 'transfer' and a.tid is null
),
sender as (
    select distinct year, org_bin from staging.s1_staff
),
-- who is followed: reported in both years, opened since the last fixing, or closed since then
followed as (
    select n.year, n.org_bin, 1 as has_both
    from sender n
    join sender b on b.year = n.year - 1 and b.org_bin = n.org_bin
    union all
    select n.year, n.org_bin, 0
    from sender n
    join ref.organisation o on o.year = n.year and o.org_bin = n.org_bin
    left join sender b on b.year = n.year - 1 and b.org_bin = n.org_bin
    where b.org_bin is null and o.opened > make_date(n.year - 1, 10, 1)
    union all
    select b.year + 1, b.org_bin, 0
    from sender b
    join ref.organisation o on o.year = b.year + 1 and o.org_bin = b.org_bin
    left join sender n on n.year = b.year + 1 and n.org_bin = b.org_bin
    where n.org_bin is null and not o.is_active
),
counted as (
    select
        year + 1 as year, org_bin, sex, 1 as before_count, 0 as leaver_count, 0 as now_count, 0 as new_count
    from teacher
    union all
    select year, org_bin, sex, 0, 1, 0, 0
    from leaver
    union all
    select year, org_bin, sex, 0, 0, 1, case when experience_years = 0 then 1 else 0 end
    from teacher
)
select
    c.year, o.region, o.district, c.org_bin, o.main_level as level, c.sex,
    sum(f.has_both * c.before_count) as base_count,
    sum(f.has_both * c.leaver_count) as leaver_count,
    sum(c.before_count) as stock_before_count,
    sum(c.now_count) as stock_now_count,
    sum(c.new_count) as stock_new_count
from counted c
join followed f on f.year = c.year and f.org_bin = c.org_bin
join ref.organisation o on o.year = c.year and o.org_bin = c.org_bin
group by c.year, o.region, o.district, c.org_bin, o.main_level, c.sex
