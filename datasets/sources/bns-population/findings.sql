-- findings: names, sums, editions that disagree, figures restated in later borders
with unknown as (
    select distinct
        'error' as severity, 'SRC-POP-01' as rule, edition as row_ref, 'region_name' as field, region_name as value,
        'no region has this name' as message
    from printed
    where printed_kato is null
),
locality_sum as (
    select
        edition, year, kato, max(region_name) as region_name,
        max(case when locality = '_T' then population end) as total,
        sum(case when locality <> '_T' then population end) as parts
    from placed
    where age = -1 and sex = '_T'
    group by edition, year, kato
),
by_locality as (
    select
        'error' as severity, 'SRC-POP-02' as rule,
        concat_ws(' ', edition, region_name, cast(year as varchar)) as row_ref, 'locality' as field,
        cast(total as varchar) as value, 'urban and rural add up to ' || cast(parts as varchar) as message
    from locality_sum
    where parts <> total
),
country_sum as (
    select
        edition, year, sex, locality, age, age_to,
        max(case when kato = 0 then population end) as total,
        sum(case when kato > 0 and kato % 10000000 = 0 then population end) as parts
    from placed
    group by edition, year, sex, locality, age, age_to
),
by_country as (
    select
        'error' as severity, 'SRC-POP-03' as rule,
        concat_ws(' ', edition, sex, locality, cast(age as varchar), cast(year as varchar)) as row_ref, 'kato' as field,
        cast(total as varchar) as value, 'the regions add up to ' || cast(parts as varchar) as message
    from country_sum
    where parts <> total
),
all_ages as (
    -- an edition with age groups has no total of its own: its sum stands for it
    select edition, year, kato, max(region_name) as region_name, sum(population) as population
    from placed
    where locality = '_T'
    group by edition, year, kato
),
by_edition as (
    select
        'warning' as severity, 'SRC-POP-04' as rule,
        concat_ws(' ', o.edition, o.region_name, cast(o.year as varchar)) as row_ref, 'population' as field,
        cast(o.population as varchar) as value,
        'edition bns-series-2000-2023 has ' || cast(s.population as varchar)
        || ', another vintage: both are kept' as message
    from all_ages o
    inner join all_ages s on s.year = o.year and s.kato = o.kato and s.edition = 'bns-series-2000-2023'
    where o.edition <> 'bns-series-2000-2023' and o.population <> s.population
),
restated as (
    select
        'warning' as severity, 'SRC-POP-05' as rule,
        concat_ws(' ', edition, region_name, cast(year as varchar)) as row_ref, 'kato' as field,
        cast(kato as varchar) as value,
        'the figure of 1 January is printed in borders formed later'
        || case when is_sum then ': South Kazakhstan is the sum of the rows of Turkestan and Shymkent' else '' end as message
    from placed
    where
        is_sum or kato = 511000000
        or (year = 2018 and kato in (610000000, 790000000))
        or (year = 2022 and kato in (100000000, 330000000, 620000000, 630000000, 190000000, 350000000))
)
select severity, rule, row_ref, field, value, message from unknown
union all
select severity, rule, row_ref, field, value, message from by_locality
union all
select severity, rule, row_ref, field, value, message from by_country
union all
select severity, rule, row_ref, field, value, message from by_edition
union all
select severity, rule, row_ref, field, value, message from restated
order by rule, row_ref, field, value
