-- findings: names, codes, missing means, and the workbook against the long table
with no_district as (
    select distinct
        'error' as severity, 'SRC-NTC-01' as rule,
        concat_ws(' ', cast(year as varchar), region_name, unit_name) as row_ref, 'unit_name' as field, unit_name as value,
        'no district of this region has this name: the row stays with its region, unallocated' as message
    from (
        select year, region_name, unit_name, row_type, district_kato from mean_rows
        union all
        select year, region_name, unit_name, row_type, district_kato from band_rows
        union all
        select 2014 as year, region_name, unit_name, row_type, district_kato from workbook_rows
    ) as units
    where row_type = 'district' and district_kato is null
),
no_region as (
    select distinct
        'error' as severity, 'SRC-NTC-02' as rule, concat_ws(' ', cast(year as varchar), item) as row_ref,
        'region_name' as field, region_name as value, 'no region has this name' as message
    from (
        select year, site_code as item, region_name from site_rows where kato = 0
        union all
        select 2014 as year, unit_name as item, region_name from workbook_rows
        where region_kato = 0 and row_type in ('district', 'region_schools', 'city_schools')
        union all
        select year, unit_name as item, region_name from mean_rows
        where region_kato = 0 and row_type in ('district', 'region_schools', 'city_schools')
        union all
        select year, unit_name as item, region_name from band_rows
        where region_kato = 0 and row_type in ('region', 'district', 'region_schools', 'city_schools')
    ) as names
),
no_mean as (
    select
        'warning' as severity, 'SRC-NTC-03' as rule,
        concat_ws(' ', cast(year as varchar), region_name, unit_name, language, locality) as row_ref,
        'mean_score' as field, cast(tested_count as varchar) as value,
        'persons are counted but no mean is printed' as message
    from mean_rows
    where mean_score is null
),
other_code as (
    select distinct
        'warning' as severity, 'SRC-NTC-04' as rule,
        concat_ws(' ', m.region_name, m.unit_name) as row_ref, 'kato' as field, s.district_kato_2018 as value,
        'the table states the code of 2018; the row lands under the code of its own year, '
        || cast(m.kato as varchar) as message
    from mean_rows m
    inner join district_means s
        on cast(s.year as int) = m.year
        and regexp_replace(btrim(s.unit_name_src), '\s+', ' ', 'g') = m.unit_name
        and s.region_kato = cast(m.region_kato as varchar)
    where nullif(s.district_kato_2018, '') is not null and cast(s.district_kato_2018 as int) <> m.kato
),
workbook as (
    select
        'error' as severity, 'SRC-NTC-05' as rule,
        concat_ws(
            ' ', 'sheet row', cast(w.row_number as varchar), coalesce(w.unit_name, m.unit_name),
            coalesce(w.language, m.language), coalesce(w.locality, m.locality)
        ) as row_ref,
        case
            when w.unit_name is null or m.unit_name is null then 'row'
            when w.tested_count <> m.tested_count then 'tested_count'
            else 'mean_score'
        end as field,
        concat_ws(' ', cast(w.tested_count as varchar), cast(w.mean_score as varchar)) as value,
        'the long table has '
        || coalesce(concat_ws(' ', cast(m.tested_count as varchar), cast(m.mean_score as varchar)), 'no such row') as message
    from workbook_rows w
    full join (select * from mean_rows where year = 2014) m
        on m.row_type = w.row_type and m.kato = w.kato and m.unit_name = w.unit_name
        and m.language = w.language and m.locality = w.locality
    where
        w.unit_name is null or m.unit_name is null
        or w.tested_count <> m.tested_count or w.mean_score <> m.mean_score
),
site_sum as (
    select
        case when tested_count > application_count then 'error' else 'warning' end as severity, 'SRC-NTC-06' as rule,
        concat_ws(' ', cast(year as varchar), region_name, 'site', site_code) as row_ref, 'tested_count' as field,
        cast(tested_count as varchar) as value,
        case
            when tested_count > application_count then 'more tested than applied'
            else 'below and above the threshold add up to '
                || cast(below_threshold_count + passed_count as varchar)
        end as message
    from site_rows
    where below_threshold_count + passed_count <> tested_count or tested_count > application_count
)
select severity, rule, row_ref, field, value, message from no_district
union all
select severity, rule, row_ref, field, value, message from no_region
union all
select severity, rule, row_ref, field, value, message from no_mean
union all
select severity, rule, row_ref, field, value, message from other_code
union all
select severity, rule, row_ref, field, value, message from workbook
union all
select severity, rule, row_ref, field, value, message from site_sum
order by rule, row_ref, field, value
