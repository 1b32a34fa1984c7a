-- gov: freeze_conformance
-- grain:  one row per year that was announced or fixed, or whose October passed without a fixing; indicator GOV-10
-- unit:   working days; notice_working_days are those between the day of the announcement and the suspension
-- nulls:  a condition that cannot be judged: of a year never announced all but is_in_october; is_without_writes until a
--         lake version is chosen to be fixed
-- source: gov.freeze, gov.freeze_event, gov.submission, ref.working_day; Rules, paragraphs 8 and 10; ref.parameter_year
--         as_of_month, freeze_max_working_days, freeze_notice_working_days, utc_offset_hours. Dates are those of the
--         announcement in force; what the ministry overruled does not conform
-- What waited in the queue lands in a later version than the one fixed: it is no write inside the suspension.
with limit_of as (
    select
        year as limit_year,
        max(case when name = 'as_of_month' then value end) as as_of_month,
        max(case when name = 'freeze_max_working_days' then value end) as max_working_days,
        max(case when name = 'freeze_notice_working_days' then value end) as min_notice_working_days,
        max(case when name = 'utc_offset_hours' then value end) as utc_offset_hours
    from ref.parameter_year
    group by year
),
announced as (
    select year as announced_year, count(distinct fixing_date) as fixing_date_count
    from gov.freeze_event
    where event = 'announced'
    group by year
),
pinned as (
    select year as pinned_year, max(lake_version) as pinned_version
    from gov.freeze_event
    where event = 'begun'
    group by year
),
written as (
    select p.pinned_year as written_year, count(s.submission) as write_count
    from pinned p
    join gov.freeze z on z.year = p.pinned_year
    left join gov.submission s
        on s.outcome = 'accepted' and s.submitted_at >= z.suspended_from and s.submitted_at < z.reopens_at
        and s.lake_version <= p.pinned_version
    group by p.pinned_year
),
held as (
    select
        z.year, z.status, z.date_from, z.date_to, z.fixing_date, l.as_of_month, l.max_working_days,
        l.min_notice_working_days, a.fixing_date_count, w.write_count,
        cast(to_timestamp_seconds(
            cast(date_part('epoch', z.announced_at) + 3600 * l.utc_offset_hours as bigint)
        ) as date) as announced_on,
        cast(to_timestamp_seconds(
            cast(date_part('epoch', z.fixed_at) + 3600 * l.utc_offset_hours as bigint)
        ) as date) as fixed_on
    from gov.freeze z
    join limit_of l on l.limit_year = z.year
    left join announced a on a.announced_year = z.year
    left join written w on w.written_year = z.year
),
counted as (
    select
        h.*,
        t.working_day_number - f.working_day_number + case when f.is_working_day then 1 else 0 end
            as suspension_working_days,
        -- greatest() passes over NULL: a year never announced must not get zero days
        case
            when f.date is not null and n.date is not null then greatest(
                f.working_day_number - case when f.is_working_day then 1 else 0 end - n.working_day_number, 0
            )
        end as notice_working_days
    from held h
    left join ref.working_day f on f.date = h.date_from
    left join ref.working_day t on t.date = h.date_to
    left join ref.working_day n on n.date = h.announced_on
)
select
    year, status,
    status <> 'missing'
        and date_part('month', date_from) = as_of_month and date_part('month', date_to) = as_of_month
        and date_part('month', fixing_date) = as_of_month
        and coalesce(date_part('month', fixed_on) = as_of_month, true) as is_in_october,
    suspension_working_days <= max_working_days as is_length_kept,
    notice_working_days >= min_notice_working_days as is_notice_kept,
    fixing_date_count = 1 as is_one_date,
    write_count = 0 as is_without_writes,
    suspension_working_days, notice_working_days, fixing_date_count, write_count
from counted
