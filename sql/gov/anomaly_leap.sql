-- gov: anomaly_leap
-- grain:  one row per value that leaps and returns in the next year
-- unit:   observed and expected in that of the series; both series as they are printed and as they would look
-- nulls:  other_code where no other unit has a part in it
-- source: gov.series; limits are parameters anomaly_*. The middle of the two neighbours is the geometric mean; what the middle unit of the same series did that year is taken off. A count must also leave its noise
with limits as (
    select
        max(case when name = 'anomaly_min_count' then value end) as min_count,
        max(case when name = 'anomaly_min_n' then value end) as min_n,
        max(case when name = 'anomaly_leap_log' then value end) as leap_log,
        max(case when name = 'anomaly_noise_sd' then value end) as noise_sd,
        max(case when name = 'anomaly_return_share' then value end) as return_share
    from ref.parameter_latest
),
followed as (
    select
        *,
        lag(value) over series_years as value_prev,
        lag(year) over series_years as year_prev,
        lead(value) over series_years as value_next,
        lead(year) over series_years as year_next
    from gov.series
    window series_years as (
        partition by source, edition, series, unit, sex, locality, language, study_form
        order by year
    )
),
leapt as (
    select
        f.*, l.leap_log, l.noise_sd, l.return_share, sqrt(f.value_prev * f.value_next) as middle,
        ln(f.value / sqrt(f.value_prev * f.value_next)) as deviation, ln(f.value_next / f.value_prev) as drift
    from followed f
    cross join limits l
    where
        f.year_prev = f.year - 1 and f.year_next = f.year + 1 and f.value > 0 and f.value_prev > 0 and f.value_next > 0
        and case when f.is_count then least(f.value_prev, f.value_next) >= l.min_count else coalesce(f.n, l.min_n) >= l.min_n end
),
usual as (
    select source, edition, series, sex, locality, language, study_form, year, median(deviation) as usual_deviation
    from leapt
    group by source, edition, series, sex, locality, language, study_form, year
),
judged as (
    select
        l.*, l.deviation - u.usual_deviation as own_deviation,
        case when l.is_count then l.noise_sd / sqrt(least(l.value_prev, l.value, l.value_next)) else 0.0 end as noise
    from leapt l
    join usual u
        on u.source = l.source and u.edition = l.edition and u.series = l.series and u.sex = l.sex
        and u.locality = l.locality and u.language = l.language and u.study_form = l.study_form and u.year = l.year
)
select
    source, edition, series, tier, geo_code, cast(null as varchar) as other_code, sex, locality, language, study_form, year,
    value as observed, round(middle, 2) as expected,
    concat_ws(', ', cast(value_prev as varchar), cast(value as varchar), cast(value_next as varchar)) as series_printed,
    concat_ws(', ', cast(value_prev as varchar), cast(round(middle, 2) as varchar), cast(value_next as varchar)) as series_would_be,
    concat(
        cast(year - 1 as varchar), ' to ', cast(year + 1 as varchar), ': ',
        concat_ws(', ', cast(value_prev as varchar), cast(value as varchar), cast(value_next as varchar)),
        '; the neighbours of the value agree within ', cast(round(100 * abs(drift), 1) as varchar), ' %'
    ) as evidence
from judged
where
    abs(own_deviation) > leap_log and abs(deviation) > leap_log and abs(own_deviation) > noise
    and abs(drift) < return_share * abs(deviation)
