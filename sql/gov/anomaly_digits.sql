-- gov: anomaly_digits
-- grain:  one row per value that fits when two neighbouring digits change places
-- unit:   observed and expected in that of the series; both series as they are printed and as they would look
-- nulls:  other_code where no other unit has a part in it
-- source: gov.series; limits are parameters anomaly_*. Either the regions then add up to the republic, or a value then lies where its neighbours are
with limits as (
    select
        max(case when name = 'anomaly_min_count' then value end) as min_count,
        max(case when name = 'anomaly_noise_sd' then value end) as noise_sd
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
-- value with the digits at 10^k and 10^(k+1) exchanged
swapped as (
    select
        f.*,
        f.value + 9 * power(10, p.place)
        * (
            floor(f.value / power(10, p.place)) - 10 * floor(f.value / power(10, p.place + 1))
            - floor(f.value / power(10, p.place + 1)) + 10 * floor(f.value / power(10, p.place + 2))
        ) as turned
    from followed f
    cross join (select value as place from generate_series(0, 5)) p
    where f.is_count and f.value >= power(10, p.place + 1)
),
open_sum as (
    select
        t.source, t.edition, t.series, t.sex, t.locality, t.language, t.study_form, t.year, t.value as whole,
        sum(p.value) as part_sum
    from gov.series t
    join gov.series p
        on p.source = t.source and p.edition = t.edition and p.series = t.series and p.sex = t.sex
        and p.locality = t.locality and p.language = t.language and p.study_form = t.study_form and p.year = t.year
    where t.geo_code = 'KZ' and p.parent_code = 'KZ' and t.is_count
    group by t.source, t.edition, t.series, t.sex, t.locality, t.language, t.study_form, t.year, t.value
    having t.value <> sum(p.value)
),
closing as (
    select s.*, 'the regions then add up to the republic' as reason
    from swapped s
    join open_sum o
        on o.source = s.source and o.edition = s.edition and o.series = s.series and o.sex = s.sex
        and o.locality = s.locality and o.language = s.language and o.study_form = s.study_form and o.year = s.year
    where s.parent_code = 'KZ' and s.turned - s.value = o.whole - o.part_sum
),
fitting as (
    select s.*, 'the value then lies between its neighbours' as reason
    from swapped s
    cross join limits l
    where
        s.year_prev = s.year - 1 and s.year_next = s.year + 1 and s.turned > 0
        and s.value_prev >= l.min_count and s.value_next >= l.min_count
        and abs(ln(s.value_next / s.value_prev)) < 0.1
        and abs(ln(s.value / sqrt(s.value_prev * s.value_next)))
        > greatest(0.1, l.noise_sd / sqrt(least(s.value_prev, s.value, s.value_next)))
        and abs(ln(s.turned / sqrt(s.value_prev * s.value_next)))
        < 0.1 * abs(ln(s.value / sqrt(s.value_prev * s.value_next)))
),
found as (
    select *
    from closing
    union all
    select *
    from fitting
)
select
    source, edition, series, tier, geo_code, cast(null as varchar) as other_code, sex, locality, language, study_form, year,
    value as observed, turned as expected,
    concat_ws(', ', cast(value_prev as varchar), cast(value as varchar), cast(value_next as varchar)) as series_printed,
    concat_ws(', ', cast(value_prev as varchar), cast(turned as varchar), cast(value_next as varchar)) as series_would_be,
    concat('read as ', cast(turned as varchar), ' instead of ', cast(value as varchar), ': ', reason) as evidence
from found
