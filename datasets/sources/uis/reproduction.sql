-- proof:   published rates of 2012-2014 against the same rates from counts
-- grain:   one row per published value of a series in uis/formula.csv
-- unit:    the unit of the published series
-- nulls:   `computed` is NULL when a count that the formula needs is not published
-- source:  UNESCO UIS; formulas in uis/formula.csv
-- A term of a formula is `[-]series[*series][@k][?]`: `@k` takes the term only where
-- the last grade (series `grade_series`) is k, `?` reads an absent count as nil.
with part as (
    select series, 'numerator' as side,
           unnest(string_to_array(replace(numerator, '-', '+-'), '+')) as term
    from formula
    where kind = 'ratio'
    union all
    select series, 'denominator' as side,
           unnest(string_to_array(replace(denominator, '-', '+-'), '+')) as term
    from formula
    where kind = 'ratio'
),
term as (
    select
        series, side,
        case when term like '-%' then -1.0 else 1.0 end as sign,
        split_part(split_part(replace(replace(term, '?', ''), '-', ''), '@', 1), '*', 1) as code,
        split_part(split_part(replace(replace(term, '?', ''), '-', ''), '@', 1), '*', 2) as factor,
        cast(nullif(split_part(replace(term, '?', ''), '@', 2), '') as double) as last_grade,
        term like '%?' as is_nil_if_absent
    from part
    where term <> ''
),
published as (
    select o.indicator as series, o.country_iso3, o.year, o.value
    from observation as o
    join formula as f on f.series = o.indicator
    where o.year between 2012 and 2014
),
piece as (
    select
        p.series, p.country_iso3, p.year, t.side, t.is_nil_if_absent,
        t.sign * a.value * case when t.factor = '' then 1.0 else b.value end as amount
    from published as p
    join formula as f on f.series = p.series
    join term as t on t.series = p.series
    left join observation as g
        on g.indicator = f.grade_series and g.country_iso3 = p.country_iso3 and g.year = p.year
    left join observation as a
        on a.indicator = t.code and a.country_iso3 = p.country_iso3 and a.year = p.year
    left join observation as b
        on b.indicator = t.factor and b.country_iso3 = p.country_iso3 and b.year = p.year
    where t.last_grade is null or t.last_grade = g.value
),
side as (
    select
        series, country_iso3, year, side,
        case when sum(case when amount is null and not is_nil_if_absent then 1 else 0 end) = 0
             then sum(coalesce(amount, 0.0)) end as amount,
        sum(case when amount is null and is_nil_if_absent then 1 else 0 end) as nil_count
    from piece
    group by series, country_iso3, year, side
),
ratio as (
    select
        n.series, n.country_iso3, n.year,
        cast(f.scale as double) * n.amount / nullif(d.amount, 0.0) as computed,
        n.nil_count
    from side as n
    join side as d
        on d.series = n.series and d.country_iso3 = n.country_iso3 and d.year = n.year
    join formula as f on f.series = n.series
    where n.side = 'numerator' and d.side = 'denominator'
),
rate as (
    select series, country_iso3, year, computed, nil_count from ratio
    union all
    -- parity of rates that no count gives: the published rates themselves
    select o.indicator, o.country_iso3, o.year, o.value, 0
    from observation as o
    join formula as f on f.numerator = o.indicator or f.denominator = o.indicator
    where f.basis = 'published_rates'
),
parity as (
    select
        p.series, p.country_iso3, p.year, a.computed / nullif(b.computed, 0.0) as computed,
        a.nil_count + b.nil_count as nil_count,
        -- published rates have five decimals: what their rounding alone may move
        case when f.basis = 'published_rates'
             then abs(a.computed / nullif(b.computed, 0.0))
                * (0.5e-5 / nullif(abs(a.computed), 0.0) + 0.5e-5 / nullif(abs(b.computed), 0.0))
             else 0.0 end as slack
    from published as p
    join formula as f on f.series = p.series and f.kind = 'parity'
    left join (select distinct series, country_iso3, year, computed, nil_count from rate) as a
        on a.series = f.numerator and a.country_iso3 = p.country_iso3 and a.year = p.year
    left join (select distinct series, country_iso3, year, computed, nil_count from rate) as b
        on b.series = f.denominator and b.country_iso3 = p.country_iso3 and b.year = p.year
),
computed as (
    select series, country_iso3, year, computed, nil_count, 0.0 as slack from ratio
    union all
    select series, country_iso3, year, computed, nil_count, slack from parity
)
select
    f.indicator, f.basis, f.kind, p.series, f.level, f.orientation, f.sex, p.country_iso3, p.year,
    p.value as published, c.computed, coalesce(c.nil_count, 0) as nil_count,
    case when c.computed is null then 'inputs_missing'
         when abs(c.computed - p.value) <= 1e-4 * abs(p.value) then 'reproduced'
         when abs(c.computed - p.value) <= 0.5000001e-5 + coalesce(c.slack, 0.0)
             then 'rounding_of_publisher'
         when c.nil_count > 0 then 'unpublished_count'
         else 'different' end as verdict
from published as p
join formula as f on f.series = p.series
left join computed as c
    on c.series = p.series and c.country_iso3 = p.country_iso3 and c.year = p.year
