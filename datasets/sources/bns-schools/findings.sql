-- findings: parts that miss their total, impossible and surprising values, coverage by footnote
-- note:     the workbooks hold the same numbers (findings_workbook.sql), so only the long table is read
with one as (
    select
        series, study_form, locality, sex, year, kato, value, flag, region_name, period_label, is_sum,
        concat_ws(' ', series, study_form, locality, sex, region_name, cast(year as varchar)) as row_ref
    from placed
    where edition = 'bns-2000-2021'
),
counted as (
    select * from one where series <> 'gross_enrolment_ratio_secondary' and value is not null
),
unknown as (
    select distinct
        'error' as severity, 'SRC-BNS-01' as rule, edition as row_ref, 'region_name' as field, region_name as value,
        'no region has this name' as message
    from cell
    where printed_kato is null
),
locality_sum as (
    select
        series, study_form, sex, year, kato, max(region_name) as region_name,
        max(case when locality = '_T' then value end) as total,
        sum(case when locality <> '_T' then value end) as parts
    from counted
    group by series, study_form, sex, year, kato
),
by_locality as (
    select
        case when abs(parts - total) <= 1 then 'warning' else 'error' end as severity, 'SRC-BNS-02' as rule,
        concat_ws(' ', series, study_form, sex, region_name, cast(year as varchar)) as row_ref, 'locality' as field,
        cast(cast(total as bigint) as varchar) as value,
        'urban and rural add up to ' || cast(cast(parts as bigint) as varchar) as message
    from locality_sum
    where parts <> total
),
country_sum as (
    select
        series, study_form, locality, sex, year,
        max(case when kato = 0 then value end) as total,
        -- 511000000 is a part of South Kazakhstan, not a region
        sum(case when kato > 0 and kato % 10000000 = 0 then value end) as parts
    from counted
    group by series, study_form, locality, sex, year
),
by_country as (
    select
        case when abs(parts - total) <= 1 then 'warning' else 'error' end as severity, 'SRC-BNS-03' as rule,
        concat_ws(' ', series, study_form, locality, sex, cast(year as varchar)) as row_ref, 'kato' as field,
        cast(cast(total as bigint) as varchar) as value,
        'the regions add up to ' || cast(cast(parts as bigint) as varchar) as message
    from country_sum
    where parts <> total
),
form_sum as (
    select
        series, sex, year, kato, max(region_name) as region_name,
        max(case when study_form = '_T' then value end) as total,
        sum(case when study_form <> '_T' then value end) as parts
    from counted
    where locality = '_T'
    group by series, sex, year, kato
),
by_form as (
    select
        case when abs(parts - total) <= 1 then 'warning' else 'error' end as severity, 'SRC-BNS-04' as rule,
        concat_ws(' ', series, sex, region_name, cast(year as varchar)) as row_ref, 'study_form' as field,
        cast(cast(total as bigint) as varchar) as value,
        'day and evening schools add up to ' || cast(cast(parts as bigint) as varchar) as message
    from form_sum
    where parts <> total
),
by_sex as (
    select
        'error' as severity, 'SRC-BNS-05' as rule, f.row_ref, 'sex' as field,
        cast(cast(f.value as bigint) as varchar) as value,
        'more women or girls than persons, ' || cast(cast(a.value as bigint) as varchar) as message
    from counted f
    inner join counted a
        on a.series = f.series and a.study_form = f.study_form and a.locality = f.locality and a.year = f.year
        and a.kato = f.kato and a.sex = '_T'
    where f.sex = 'female' and f.value > a.value
),
over_hundred as (
    select
        'warning' as severity, 'SRC-BNS-06' as rule, series || ' ' || region_name as row_ref, 'value' as field,
        cast(round(max(value), 2) as varchar) as value,
        cast(count(*) as varchar) || ' values above 100 between ' || cast(min(year) as varchar) || ' and '
        || cast(max(year) as varchar)
        || ', the highest is shown: possible for a gross ratio, noted only' as message
    from one
    where series = 'gross_enrolment_ratio_secondary' and value > 100
    group by series, region_name
),
ratio as (
    select
        year, kato, max(region_name) as region_name,
        max(case when locality = '_T' and sex = '_T' then value end) as total,
        max(case when sex = 'female' then value end) as female, max(case when sex = 'male' then value end) as male,
        max(case when locality = 'urban' then value end) as urban,
        max(case when locality = 'rural' then value end) as rural
    from one
    where series = 'gross_enrolment_ratio_secondary'
    group by year, kato
),
outside as (
    select
        'error' as severity, 'SRC-BNS-07' as rule,
        concat_ws(' ', 'gross_enrolment_ratio_secondary', region_name, cast(year as varchar)) as row_ref, 'value' as field,
        cast(round(total, 2) as varchar) as value,
        case
            when total not between least(female, male) and greatest(female, male)
            then 'the total lies outside girls ' || cast(round(female, 2) as varchar)
                || ' and boys ' || cast(round(male, 2) as varchar)
            when rural is null
            then 'the city has no rural population, yet urban is ' || cast(round(urban, 2) as varchar)
            else 'the total lies outside urban ' || cast(round(urban, 2) as varchar)
                || ' and rural ' || cast(round(rural, 2) as varchar)
        end as message
    from ratio
    where
        total not between least(female, male) and greatest(female, male)
        or total not between least(urban, rural) and greatest(urban, rural)
),
-- girls against boys: a gap above 15 points is a misprint rather than a fact
gap as (
    select
        'warning' as severity, 'SRC-BNS-08' as rule,
        concat_ws(' ', 'gross_enrolment_ratio_secondary', region_name, cast(year as varchar)) as row_ref, 'sex' as field,
        cast(round(female, 2) as varchar) as value,
        'girls and boys, ' || cast(round(male, 2) as varchar) || ', lie more than 15 points apart' as message
    from ratio
    where abs(female - male) > 15
),
sequence as (
    select
        row_ref, series, value, year,
        lag(value) over (partition by series, study_form, locality, sex, kato order by year) as value_before,
        lag(year) over (partition by series, study_form, locality, sex, kato order by year) as year_before
    from counted
    where series in ('pupils', 'teachers', 'schools') and study_form <> 'evening'
),
row_sequence as (
    select
        series, school_kind, locality, sex, printed_kato, region_name, year, value,
        lag(value) over (partition by series, school_kind, locality, sex, printed_kato order by year) as value_before
    from cell
    where edition = 'bns-2000-2021' and value > 0 and printed_kato > 0
),
jump as (
    select
        'warning' as severity, 'SRC-BNS-09' as rule, row_ref, 'value' as field,
        cast(cast(value as bigint) as varchar) as value,
        'moved by more than a quarter from ' || cast(cast(value_before as bigint) as varchar)
        || ' in ' || cast(year_before as varchar) as message
    from sequence
    where value_before > 0 and (value > value_before * 1.25 or value < value_before * 0.75)
),
-- two regions that take each other's value from one year to the next: their rows were exchanged
exchange as (
    select
        'error' as severity, 'SRC-BNS-13' as rule,
        concat_ws(' ', a.series, a.sex, a.region_name, 'and', b.region_name, cast(a.year as varchar)) as row_ref,
        'value' as field, concat_ws(' ', cast(cast(a.value as bigint) as varchar), cast(cast(b.value as bigint) as varchar)) as value,
        'the year before they had ' || cast(cast(a.value_before as bigint) as varchar) || ' and '
        || cast(cast(b.value_before as bigint) as varchar)
        || ': the two rows are exchanged on one side of this border of years; values stay as printed' as message
    from row_sequence a
    inner join row_sequence b
        on b.series = a.series and b.school_kind = a.school_kind and b.locality = a.locality and b.sex = a.sex
        and b.year = a.year and b.printed_kato > a.printed_kato
    where
        abs(a.value / a.value_before - 1) > 0.25 and abs(b.value / b.value_before - 1) > 0.25
        and abs(a.value / b.value_before - 1) < 0.25 and abs(b.value / a.value_before - 1) < 0.25
        and a.series in ('pupils', 'teachers', 'schools') and a.school_kind <> 'evening'
),
footnote as (
    select
        'warning' as severity, 'SRC-BNS-10' as rule, series || ' ' || period_label as row_ref, 'value' as field,
        period_label as value,
        case right(period_label, 2)
            when '1)' then 'until the year before, evening schools are not in the figures'
            when '2)' then 'from this year on the ministry collects the figures, the statistical survey ended'
            else 'day schools of the state only: the year does not compare with its neighbours'
        end as message
    from one
    where right(period_label, 1) = ')'
    group by series, period_label
),
south as (
    select
        'warning' as severity, 'SRC-BNS-11' as rule,
        concat_ws(' ', series, study_form, locality, sex) as row_ref, 'kato' as field, '510000000' as value,
        'South Kazakhstan is the sum of the printed rows of Turkestan and Shymkent in '
        || cast(count(*) as varchar) || ' years between ' || cast(min(year) as varchar)
        || ' and ' || cast(max(year) as varchar)
        || ': the row of Turkestan leaves Shymkent out wherever Shymkent is printed, against its footnote' as message
    from one
    where is_sum
    group by series, study_form, locality, sex
)
select severity, rule, row_ref, field, value, message from unknown
union all
select severity, rule, row_ref, field, value, message from by_locality
union all
select severity, rule, row_ref, field, value, message from by_country
union all
select severity, rule, row_ref, field, value, message from by_form
union all
select severity, rule, row_ref, field, value, message from by_sex
union all
select severity, rule, row_ref, field, value, message from over_hundred
union all
select severity, rule, row_ref, field, value, message from outside
union all
select severity, rule, row_ref, field, value, message from gap
union all
select severity, rule, row_ref, field, value, message from jump
union all
select severity, rule, row_ref, field, value, message from exchange
union all
select severity, rule, row_ref, field, value, message from footnote
union all
select severity, rule, row_ref, field, value, message from south
order by rule, row_ref, field, value
