-- findings: sums and means that do not meet their total, and tables that differ in kind
with unit_sum as (
    select
        year, scale, row_type, region_name, unit_name, '_T' as language, locality,
        sum(case when language <> '_T' then tested_count else 0 end) as part_count,
        sum(case when language = '_T' then tested_count else 0 end) as total_count,
        sum(case when language <> '_T' then tested_count * mean_score end)
        / sum(case when language <> '_T' and mean_score is not null then tested_count end) as part_mean,
        sum(case when language = '_T' then mean_score end) as total_mean
    from mean_rows
    group by year, scale, row_type, region_name, unit_name, kato, locality
    union all
    select
        year, scale, row_type, region_name, unit_name, language, '_T' as locality,
        sum(case when locality <> '_T' then tested_count else 0 end) as part_count,
        sum(case when locality = '_T' then tested_count else 0 end) as total_count,
        sum(case when locality <> '_T' then tested_count * mean_score end)
        / sum(case when locality <> '_T' and mean_score is not null then tested_count end) as part_mean,
        sum(case when locality = '_T' then mean_score end) as total_mean
    from mean_rows
    group by year, scale, row_type, region_name, unit_name, kato, language
),
counts as (
    select
        'error' as severity, 'SRC-NTC-07' as rule,
        concat_ws(' ', cast(year as varchar), scale, region_name, unit_name, language, locality) as row_ref,
        'tested_count' as field, cast(total_count as varchar) as value,
        'its parts add up to ' || cast(part_count as varchar) as message
    from unit_sum
    where part_count <> total_count
),
means as (
    -- both sides are rounded to 0.01 (2018: finer), so 0.01 is the widest honest difference
    select
        'warning' as severity, 'SRC-NTC-08' as rule,
        concat_ws(' ', cast(year as varchar), scale, region_name, unit_name, language, locality) as row_ref,
        'mean_score' as field, cast(round(total_mean, 2) as varchar) as value,
        'the mean of its parts weighted by persons is ' || cast(round(part_mean, 2) as varchar)
        || case
            when year = 2017
            then ': the means of 2017 were formed over fewer persons than were counted'
            else ''
        end as message
    from unit_sum
    where abs(part_mean - total_mean) > 0.01
),
bands as (
    select
        'error' as severity, 'SRC-NTC-09' as rule,
        concat_ws(' ', source_file, region_name, unit_name, language, locality) as row_ref, 'person_count' as field,
        cast(sum(case when band_from < 0 then person_count else 0 end) as varchar) as value,
        'its bands add up to '
        || cast(sum(case when band_from >= 0 then person_count else 0 end) as varchar) as message
    from band_rows
    group by source_file, row_type, region_name, unit_name, kato, language, locality
    having
        sum(case when band_from < 0 then person_count else 0 end)
        <> sum(case when band_from >= 0 then person_count else 0 end)
),
by_row_type as (
    select year, row_type, region_kato, language, sum(mean_count) as mean_count, sum(band_count) as band_count
    from (
        select year, row_type, region_kato, language, tested_count as mean_count, 0 as band_count
        from mean_rows
        where locality = '_T' and year <= 2016
        union all
        select year, row_type, region_kato, language, 0 as mean_count, person_count as band_count
        from band_rows
        where edition = 'ntc-district-bands' and band_from = -1
    ) as both_tables
    where row_type <> 'national'
    group by year, row_type, region_kato, language
),
moved as (
    select
        'warning' as severity, 'SRC-NTC-10' as rule,
        concat_ws(' ', cast(year as varchar), row_type, cast(region_kato as varchar), language) as row_ref,
        'person_count' as field, cast(band_count as varchar) as value,
        'the table of means has ' || cast(mean_count as varchar)
        || ': city schools of Almaty are counted among the republican schools in one of the two' as message
    from by_row_type
    where mean_count <> band_count
),
sites as (
    select
        'warning' as severity, 'SRC-NTC-11' as rule, 'exam sites ' || cast(s.year as varchar) as row_ref,
        'tested_count' as field, cast(s.tested_count as varchar) as value,
        'the band tables count ' || cast(b.person_count as varchar)
        || ' persons: the two tables count different populations and are never mixed' as message
    from (select year, sum(tested_count) as tested_count from site_rows group by year) s
    inner join (
        select year, sum(person_count) as person_count
        from band_rows
        where row_type = 'national' and language = '_T' and band_from = -1
        group by year
    ) b on b.year = s.year
    where s.tested_count <> b.person_count
),
half as (
    select
        'warning' as severity, 'SRC-NTC-12' as rule, source_file as row_ref, 'locality' as field,
        max(locality) as value, 'the year has one locality only: no total can be formed' as message
    from band_rows
    where year in (
        select year from band_rows group by year having count(distinct locality) = 1 and max(locality) <> '_T'
    )
    group by source_file
)
select severity, rule, row_ref, field, value, message from counts
union all
select severity, rule, row_ref, field, value, message from means
union all
select severity, rule, row_ref, field, value, message from bands
union all
select severity, rule, row_ref, field, value, message from moved
union all
select severity, rule, row_ref, field, value, message from sites
union all
select severity, rule, row_ref, field, value, message from half
order by rule, row_ref, field, value
