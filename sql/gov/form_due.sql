-- gov: form_due
-- grain:  one row per (form, year) of forms with a date: as of which day the data stand, and until when they are due
-- source: ref.form due, and paragraph 9: five working days from then, the clock of gov.counted_day
with as_of as (
    select
        f.form, y.year,
        make_date(y.year, cast(split_part(f.due, '-', 1) as int), cast(split_part(f.due, '-', 2) as int)) as as_of
    from ref.form f
    join ref.year y on y.year >= f.valid_from_year
    where f.due is not null
),
term as (
    select a.form, a.year, a.as_of, s.start_number + cast(p.value as bigint) as last_number
    from as_of a
    join gov.counted_day s on s.date = a.as_of
    join ref.parameter_year p on p.name = 'update_term_working_days' and p.year = a.year
)
select t.form, t.year, t.as_of, min(d.date) as due_on
from term t
join gov.counted_day d on d.elapsed_number = t.last_number
group by t.form, t.year, t.as_of
