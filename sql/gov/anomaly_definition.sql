-- gov: anomaly_definition
-- grain:  one row per series that leaps in nearly all units in one year
-- unit:   observed and expected in that of the series; both series as they are printed and as they would look
-- nulls:  other_code where no other unit has a part in it
-- source: gov.series; limits are parameters anomaly_*. geo_code is KZ: the series of the whole country is meant. A crisis looks the same; who reads the finding decides
with limits as (
    select
        max(case when name = 'anomaly_min_count' then value end) as min_count,
        max(case when name = 'anomaly_min_n' then value end) as min_n,
        max(case when name = 'anomaly_definition_log' then value end) as definition_log,
        max(case when name = 'anomaly_definition_share' then value end) as definition_share,
        max(case when name = 'anomaly_definition_units' then value end) as definition_units
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
    select f.*, ln(f.value / f.value_prev) as change
    from followed f
    cross join limits l
    where
        f.year_prev = f.year - 1 and f.value > 0 and f.value_prev > 0 and f.geo_code <> 'KZ' and f.tier <> 'organisation'
        and case when f.is_count then least(f.value_prev, f.value) >= l.min_count else coalesce(f.n, l.min_n) >= l.min_n end
),
summed as (
    select
        source, edition, series, sex, locality, language, study_form, year, count(*) as unit_count,
        median(change) as usual_change, median(value) as usual_value, median(value_prev) as usual_value_prev,
        avg(case when change > 0 then 1.0 else 0.0 end) as up_share
    from changed
    group by source, edition, series, sex, locality, language, study_form, year
)
select
    s.source, s.edition, s.series, 'republic' as tier, 'KZ' as geo_code, cast(null as varchar) as other_code, s.sex,
    s.locality, s.language, s.study_form, s.year, s.usual_value as observed, s.usual_value_prev as expected,
    concat(cast(s.usual_value_prev as varchar), ', ', cast(s.usual_value as varchar)) as series_printed,
    concat('two series, with a break in ', cast(s.year as varchar)) as series_would_be,
    concat(
        'the middle one of ', cast(s.unit_count as varchar), ' units changes by ',
        cast(round(100 * (exp(s.usual_change) - 1), 1) as varchar), ' %; ',
        cast(round(100 * greatest(s.up_share, 1 - s.up_share), 0) as varchar), ' % of them in that direction'
    ) as evidence
from summed s
cross join limits l
where
    s.unit_count >= l.definition_units and abs(s.usual_change) > l.definition_log
    and greatest(s.up_share, 1 - s.up_share) >= l.definition_share
