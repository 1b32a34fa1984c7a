-- gov: anomaly_neighbour
-- grain:  one row per unit that disappears into a neighbour
-- unit:   observed and expected in that of the series; both series as they are printed and as they would look
-- nulls:  other_code where no other unit has a part in it
-- source: gov.series; limits are parameters anomaly_*. The unit has no value, or a tenth of it, in the next year of the table, and another unit of the same parent grows by its size
with limits as (
    select
        max(case when name = 'anomaly_min_count' then value end) as min_count,
        max(case when name = 'anomaly_neighbour_share' then value end) as neighbour_share,
        max(case when name = 'anomaly_neighbour_tolerance' then value end) as neighbour_tolerance
    from ref.parameter_latest
),
part as (
    select *
    from gov.series
    where is_count and parent_code is not null
),
-- the table goes on in the next year for the same parent
continued as (
    select distinct source, edition, series, parent_code, sex, locality, language, study_form, year - 1 as year
    from part
),
followed as (
    select p.*, n.value as value_next
    from part p
    join continued c
        on c.source = p.source and c.edition = p.edition and c.series = p.series
        and c.parent_code = p.parent_code and c.sex = p.sex and c.locality = p.locality and c.language = p.language
        and c.study_form = p.study_form and c.year = p.year
    left join part n
        on n.source = p.source and n.edition = p.edition and n.series = p.series and n.unit = p.unit
        and n.parent_code = p.parent_code and n.sex = p.sex and n.locality = p.locality and n.language = p.language
        and n.study_form = p.study_form and n.year = p.year + 1
),
gone as (
    select f.*, l.neighbour_share, l.neighbour_tolerance
    from followed f
    cross join limits l
    where coalesce(f.value_next, 0) < 0.1 * f.value and f.value >= l.min_count
)
select
    g.source, g.edition, g.series, g.tier, g.geo_code, f.geo_code as other_code, g.sex, g.locality, g.language,
    g.study_form, g.year + 1 as year, g.value_next as observed, g.value as expected,
    concat(
        cast(g.value as varchar), ', ', coalesce(cast(g.value_next as varchar), 'no row'), ' beside ', cast(f.value as varchar), ', ',
        cast(f.value_next as varchar)
    ) as series_printed,
    concat(
        cast(g.value as varchar), ', ', cast(g.value as varchar), ' beside ', cast(f.value as varchar), ', ',
        cast(f.value_next - g.value as varchar)
    ) as series_would_be,
    concat(
        'the unit had ', cast(g.value as varchar), ' and is gone; its neighbour grows by ',
        cast(f.value_next - f.value as varchar), ' from ', cast(f.value as varchar)
    ) as evidence
from gone g
join followed f
    on f.source = g.source and f.edition = g.edition and f.series = g.series
    and f.parent_code = g.parent_code and f.sex = g.sex and f.locality = g.locality and f.language = g.language
    and f.study_form = g.study_form and f.year = g.year and f.unit <> g.unit
where
    f.value_next - f.value between (1 - g.neighbour_tolerance) * g.value and (1 + g.neighbour_tolerance) * g.value
    and g.value > g.neighbour_share * f.value
