-- gov: anomaly_exchange
-- grain:  one row per pair of units whose series look exchanged from a year on
-- unit:   observed and expected in that of the series; both series as they are printed and as they would look
-- nulls:  other_code where no other unit has a part in it
-- source: gov.series; limits are parameters anomaly_*. Both change, and each continues the other: the lines were exchanged before the year or from it on
with limits as (
    select
        max(case when name = 'anomaly_min_count' then value end) as min_count,
        max(case when name = 'anomaly_min_n' then value end) as min_n,
        max(case when name = 'anomaly_exchange_log' then value end) as exchange_log,
        max(case when name = 'anomaly_exchange_share' then value end) as exchange_share
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
changed as (
    select f.*, ln(f.value / f.value_prev) as change, l.exchange_share
    from followed f
    cross join limits l
    where
        f.year_prev = f.year - 1 and f.value > 0 and f.value_prev > 0 and f.parent_code is not null
        and abs(ln(f.value / f.value_prev)) > l.exchange_log
        and case when f.is_count then least(f.value_prev, f.value) >= l.min_count else coalesce(f.n, 0) >= l.min_n end
)
select
    a.source, a.edition, a.series, a.tier, a.geo_code, b.geo_code as other_code, a.sex, a.locality, a.language,
    a.study_form, a.year, a.value as observed, b.value as expected,
    concat(
        cast(a.value_prev as varchar), ', ', cast(a.value as varchar), ' beside ', cast(b.value_prev as varchar), ', ',
        cast(b.value as varchar)
    ) as series_printed,
    concat(
        cast(a.value_prev as varchar), ', ', cast(b.value as varchar), ' beside ', cast(b.value_prev as varchar), ', ',
        cast(a.value as varchar)
    ) as series_would_be,
    concat(
        'each continues the other: ', cast(a.value_prev as varchar), ' to ', cast(b.value as varchar), ' and ',
        cast(b.value_prev as varchar), ' to ', cast(a.value as varchar), ', while its own line changes by ',
        cast(round(100 * (exp(a.change) - 1), 0) as varchar), ' and ', cast(round(100 * (exp(b.change) - 1), 0) as varchar), ' %'
    ) as evidence
from changed a
join changed b
    on b.source = a.source and b.edition = a.edition and b.series = a.series and b.year = a.year
    and b.sex = a.sex and b.locality = a.locality and b.language = a.language and b.study_form = a.study_form
    and b.parent_code = a.parent_code and b.unit > a.unit
where
    abs(ln(a.value / b.value_prev)) + abs(ln(b.value / a.value_prev))
    < a.exchange_share * (abs(a.change) + abs(b.change))
    and a.change * b.change < 0
