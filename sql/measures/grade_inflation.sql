-- measure: grade_inflation
-- grain:   one row per (indicator GRD-03, year, tier, geo_code)
-- unit:    standard deviations: the standardised mean annual mark of a school in general secondary education less its
--          standardised mean of best totals of the unified national testing; n counts the persons tested
-- nulls:   a school without annual marks or without persons tested has no row; where all schools have one mean there is
--          no deviation and no value
-- source:  measures.annual_mark, measures.unt
-- Mean and deviation are those of all schools of the year, a school weighing as many as it has persons tested; a district
-- or region is the mean of its schools with these weights, so that the republic is zero and is not offered. Sums are of
-- decimals: their order changes nothing.
with tested as (
    select year, region, district, org_bin, sum(person_count) as n, sum(best_total_sum) as total_sum
    from measures.unt
    group by year, region, district, org_bin
),
school as (
    select
        t.year, t.region, t.district, t.org_bin, t.n,
        cast(cast(m.mark_sum as double) / m.mark_count as decimal(20, 12)) as mark_mean,
        cast(cast(t.total_sum as double) / t.n as decimal(20, 12)) as test_mean
    from tested t
    join measures.annual_mark m
        on m.year = t.year and m.org_bin = t.org_bin and m.level = 'general_secondary' and m.mark_count > 0
),
country_mean as (
    select
        year, sum(n) as n, cast(sum(mark_mean * n) as double) / sum(n) as mark_mean,
        cast(sum(test_mean * n) as double) / sum(n) as test_mean
    from school
    group by year
),
country as (
    select
        c.year, c.mark_mean, c.test_mean,
        sqrt(cast(sum(cast(power(cast(s.mark_mean as double) - c.mark_mean, 2) * s.n as decimal(34, 16))) as double) / c.n)
            as mark_deviation,
        sqrt(cast(sum(cast(power(cast(s.test_mean as double) - c.test_mean, 2) * s.n as decimal(34, 16))) as double) / c.n)
            as test_deviation
    from school s
    join country_mean c on c.year = s.year
    group by c.year, c.mark_mean, c.test_mean, c.n
),
standardised as (
    select
        s.year, s.region, s.district, s.org_bin, s.n,
        cast(
            (cast(s.mark_mean as double) - c.mark_mean) / nullif(c.mark_deviation, 0)
            - (cast(s.test_mean as double) - c.test_mean) / nullif(c.test_deviation, 0) as decimal(30, 16)
        ) as gap
    from school s
    join country c on c.year = s.year
),
placed as (
    select year, 'organisation' as tier, lpad(cast(org_bin as varchar), 12, '0') as geo_code, n, gap from standardised
    union all
    select year, 'district', lpad(cast(district as varchar), 9, '0'), n, gap from standardised
    union all
    select year, 'region', lpad(cast(region * 10000000 as varchar), 9, '0'), n, gap from standardised
)
select
    'GRD-03' as indicator, year, tier, geo_code, 'general_secondary' as level, '_T' as sex, '_T' as locality,
    '_T' as language, '_T' as ownership, '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject,
    '_T' as category, cast(sum(gap * n) as double) as numerator, cast(sum(n) as double) as denominator,
    cast(null as double) as value, cast(null as double) as se, cast(sum(n) as bigint) as n, 'ok' as flag,
    year_status(year) as status, 'S1+S7' as source, cast(null as varchar) as edition,
    cast(null as date) as published_on, cast(0 as int) as preference
from placed
where gap is not null
group by year, tier, geo_code
