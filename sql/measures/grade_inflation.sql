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
-- of all schools of the year, beside each of them
country as (
    select
        year, region, district, org_bin, n, sum(n) over (partition by year) as country_n,
        cast(mark_mean as double) - cast(sum(mark_mean * n) over (partition by year) as double)
            / sum(n) over (partition by year) as mark_difference,
        cast(test_mean as double) - cast(sum(test_mean * n) over (partition by year) as double)
            / sum(n) over (partition by year) as test_difference
    from school
),
deviation as (
    select
        year, region, district, org_bin, n, mark_difference, test_difference,
        sqrt(cast(sum(cast(power(mark_difference, 2) * n as decimal(34, 16))) over (partition by year) as double) / country_n)
            as mark_deviation,
        sqrt(cast(sum(cast(power(test_difference, 2) * n as decimal(34, 16))) over (partition by year) as double) / country_n)
            as test_deviation
    from country
),
standardised as (
    select
        year, region, district, org_bin, n,
        cast(
            mark_difference / nullif(mark_deviation, 0) - test_difference / nullif(test_deviation, 0) as decimal(30, 16)
        ) as gap
    from deviation
),
placed as (
    select
        s.year, t.tier,
        case t.tier
            when 'organisation' then lpad(cast(s.org_bin as varchar), 12, '0')
            when 'district' then lpad(cast(s.district as varchar), 9, '0')
            else lpad(cast(s.region * 10000000 as varchar), 9, '0')
        end as geo_code,
        s.n, s.gap
    from standardised s
    cross join (values ('organisation'), ('district'), ('region')) as t (tier)
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
