-- gov: submission_day
-- grain:  one row per submission: the calendar day of its arrival, in the time zone of the country
-- source: gov.submission, ref.parameter_latest utc_offset_minutes
select
    s.submission,
    cast(
        to_timestamp_seconds(cast(date_part('epoch', s.submitted_at) as bigint) + 60 * o.utc_offset_minutes) as date
    ) as submitted_on
from gov.submission s
cross join (
    select cast(value as bigint) as utc_offset_minutes
    from ref.parameter_latest
    where name = 'utc_offset_minutes'
) o
