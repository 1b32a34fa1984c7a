-- gov: freeze
-- grain:  one row per year that was announced or fixed, or whose October passed while the lake was in use
-- nulls:  what has not happened yet
-- source: gov.freeze_event; Rules, paragraphs 8 and 10; ref.parameter_year utc_offset_hours. status: announced, begun,
--         fixed, or missing = the October before the time of the lake version passed without a fixing
with announced as (
    select
        year, date_from, date_to, fixing_date, suspended_from, reopens_at, event_at as announced_at,
        row_number() over (partition by year order by sequence desc) as newest
    from gov.freeze_event
    where event = 'announced'
),
fixed as (
    select year, lake_version, archive, manifest_sha256, signer, row_count, event_at as fixed_at
    from gov.freeze_event
    where event = 'fixed'
),
counted as (
    select
        year,
        sum(case when event = 'begun' then 1 else 0 end) as begun_count,
        sum(case when event = 'addendum' then 1 else 0 end) as addendum_count,
        string_agg(case when event = 'overridden' then rule end, ',' order by sequence) as overridden,
        string_agg(case when event = 'overridden' then reason end, '; ' order by sequence) as override_reason
    from gov.freeze_event
    group by year
),
used as (
    select
        min(submitted_at) as first_at, max(cast(v.created_at as timestamp)) as version_at
    from gov.submission
    cross join meta.lake_version v
    where outcome = 'accepted'
),
november as (
    -- October ends at midnight of the capital.
    select
        year as november_year,
        date_part('epoch', make_date(year, 11, 1)) - 3600 * value as begins_at
    from ref.parameter_year
    where name = 'utc_offset_hours'
),
due as (
    select n.november_year as due_year
    from november n
    cross join used u
    where date_part('epoch', u.first_at) < n.begins_at and date_part('epoch', u.version_at) >= n.begins_at
),
years as (
    select year as freeze_year from counted
    union
    select due_year from due
)
select
    y.freeze_year as year,
    case
        when f.lake_version is not null then 'fixed'
        when d.due_year is not null then 'missing'
        when c.begun_count > 0 then 'begun'
        else 'announced'
    end as status,
    a.date_from, a.date_to, a.fixing_date, a.announced_at, a.suspended_from, a.reopens_at, f.fixed_at,
    f.lake_version, f.archive, f.manifest_sha256, f.signer, f.row_count, c.addendum_count, c.overridden,
    c.override_reason
from years y
left join counted c on c.year = y.freeze_year
left join announced a on a.year = y.freeze_year and a.newest = 1
left join fixed f on f.year = y.freeze_year
left join due d on d.due_year = y.freeze_year
