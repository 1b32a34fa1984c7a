-- gov: timeliness
-- grain:  one row per (submission, year, org_bin, event, operation, event_date)
-- unit:   working days by the clock of gov.counted_day; is_exact is false where the calendar is statutory only
-- source: gov.change, events after the organisation's first landing of the form: what it held before is no change, and
--         neither is the correction of a date; ref.parameter update_term_working_days
with lagged as (
    select
        c.submission, c.form, c.year, c.region, c.district, c.org_bin, c.event, c.operation, c.event_date, c.recorded_on,
        c.change_count, greatest(r.elapsed_number - e.start_number, 0) as lag_working_days,
        e.is_exact and r.is_exact as is_exact
    from gov.change c
    join gov.counted_day e on e.date = c.event_date
    join gov.counted_day r on r.date = c.recorded_on
    where c.event_date > c.entered_on and c.operation <> 'correct'
)
select l.*, l.lag_working_days <= p.value as is_on_time
from lagged l
join ref.parameter_year p
    on p.name = 'update_term_working_days' and p.year = cast(date_part('year', l.event_date) as int)
