-- gov: counted_day
-- grain:  one row per day: the clock of paragraph 9, which stands still on days off and during a suspension
-- nulls:  days after the last working day known have no start_number
-- source: ref.working_day, gov.suspension. An event of day E recorded on day R took
--         greatest(elapsed_number of R - start_number of E, 0) working days: the first day counted is the day after
--         the event, and an event on a day off is one of the next working day
with counted as (
    select
        d.date, d.is_working_day, d.is_exact, d.is_working_day and max(s.year) is null as is_counted
    from ref.working_day d
    left join gov.suspension s on d.date >= s.from_date and d.date <= s.to_date
    group by d.date, d.is_working_day, d.is_exact
),
elapsed as (
    select *, sum(case when is_counted then 1 else 0 end) over (order by date) as elapsed_number
    from counted
)
select
    date, is_exact, elapsed_number,
    min(case when is_working_day then elapsed_number end)
        over (order by date rows between current row and unbounded following) as start_number
from elapsed
