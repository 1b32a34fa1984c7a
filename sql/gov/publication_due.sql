-- gov: publication_due
-- grain:  one row per (publication, year): the National Report and the National Statistical Collection
-- nulls:  published_on NULL = not published; is_on_time NULL = neither published nor due yet
-- source: ref.parameter_year (paragraph 12: until 1 December and 1 March of the following year, that day included),
--         gov.publication; the clock is the day of the lake version; years from the first passports to the last, and
--         those of recorded publications
with numbered as (
    select year, row_number() over (partition by year) as year_row
    from staging.s1_org
),
kind as (
    select * from (values
        ('national_report', 'national_report_due_month', 'national_report_due_day'),
        ('national_collection', 'national_collection_due_month', 'national_collection_due_day')
    ) as t (kind, month_name, day_name)
),
wanted as (
    select k.kind, n.year from numbered n cross join kind k where n.year_row = 1
    union
    select publication as kind, year from gov.publication
),
due as (
    select
        w.kind, w.year, make_date(w.year + 1, cast(m.value as int), cast(d.value as int)) as due_on
    from wanted w
    join kind k on k.kind = w.kind
    join ref.parameter_year m on m.name = k.month_name and m.year = w.year
    join ref.parameter_year d on d.name = k.day_name and d.year = w.year
),
today as (
    select cast(substr(created_at, 1, 10) as date) as today from meta.lake_version
)
select
    u.kind as publication, u.year, u.due_on, p.published_on, p.lake_version, p.reference, t.today > u.due_on as is_due,
    case
        when p.published_on is not null then p.published_on <= u.due_on
        when t.today > u.due_on then false
    end as is_on_time,
    case when p.published_on > u.due_on then cast(p.published_on as int) - cast(u.due_on as int) else 0 end as days_late
from due u
cross join today t
left join gov.publication p on p.publication = u.kind and p.year = u.year
