-- ref: working_day
-- grain: one row per day from 1990 to 2040
-- nulls: is_exact is false where the transfers of the year are not known: statutory days only
-- source: ref.calendar over the weekly rule (Monday to Friday), ref.calendar_year; working_day_number counts the working
--         days up to and including the day, so that a difference of two is a number of working days
-- 7305 is 1 January 1990 in days since 1970; that day was a Monday, and so is every seventh after it.
with day as (
    select cast(value as int) as day_number, arrow_cast(cast(value as int), 'Date32') as date
    from generate_series(7305, 25932)
),
worked as (
    select
        d.date, cast(date_part('year', d.date) as int) as year,
        coalesce(c.is_working_day, (d.day_number - 7305) % 7 < 5) as is_working_day
    from day d
    left join ref.calendar c on c.date = d.date
)
select
    w.date, w.year, w.is_working_day, coalesce(y.is_exact, false) as is_exact,
    sum(case when w.is_working_day then 1 else 0 end) over (order by w.date) as working_day_number
from worked w
left join ref.calendar_year y on y.year = w.year
