-- gov: anomaly_drop
-- grain:  one row per unit whose number of tested falls far below what others did
-- unit:   observed and expected in that of the series; both series as they are printed and as they would look
-- nulls:  other_code where no other unit has a part in it
-- source: gov.series; limits are parameters anomaly_*. Units whose territory changed that year are left out; the tested of S7 are meant
with limits as (
    select
        max(case when name = 'anomaly_min_count' then value end) as min_count,
        max(case when name = 'anomaly_drop_log' then value end) as drop_log
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
        f.series like 'tested%' and f.year_prev = f.year - 1 and f.value > 0 and f.value_prev >= l.min_count
),
usual as (
    select source, edition, series, sex, locality, language, study_form, year, median(change) as usual_change
    from changed
    group by source, edition, series, sex, locality, language, study_form, year
),
redrawn as (
    select n.year, cast(n.geo_id as varchar) as unit
    from ref.geo_year n
    join ref.geo_year p on p.geo_id = n.geo_id and p.tier = n.tier and p.year = n.year - 1
    where n.boundary_version <> p.boundary_version
)
select
    c.source, c.edition, c.series, c.tier, c.geo_code, cast(null as varchar) as other_code, c.sex, c.locality, c.language,
    c.study_form, c.year, c.value as observed, round(c.value_prev * exp(u.usual_change), 0) as expected,
    concat(cast(c.value_prev as varchar), ', ', cast(c.value as varchar)) as series_printed,
    concat(cast(c.value_prev as varchar), ', about ', cast(round(c.value_prev * exp(u.usual_change), 0) as varchar)) as series_would_be,
    concat(
        cast(c.value as varchar), ' tested after ', cast(c.value_prev as varchar), ' (',
        cast(round(100 * (exp(c.change) - 1), 0) as varchar), ' %), while the middle unit changed by ',
        cast(round(100 * (exp(u.usual_change) - 1), 0) as varchar), ' %'
    ) as evidence
from changed c
join usual u
    on u.source = c.source and u.edition = c.edition and u.series = c.series and u.sex = c.sex
    and u.locality = c.locality and u.language = c.language and u.study_form = c.study_form and u.year = c.year
cross join limits l
left join redrawn r on r.year = c.year and r.unit = c.unit
where r.unit is null and c.change < u.usual_change - l.drop_log and c.locality = '_T' and c.language = '_T'
