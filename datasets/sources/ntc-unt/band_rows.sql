-- step:   persons per score band, district and region tables together
-- grain:  one row per (table_name, source_file, year, row_type, region, unit, language, locality, band)
-- unit:   persons; band_from and band_to are points, both -1 for all bands
-- scale:  125 until 2016, 140 from 2017; the tables of 2018 count the main and the two-subject
--         test together, hence the scale all
with printed as (
    select
        'ntc-district-bands' as edition, source_file, year, row_type, region_kato, region_name_src,
        unit_name_src, language, locality, band, n
    from district_bands
    union all
    select
        'ntc-region-bands' as edition, source_file, year, row_type, region_kato, region_name_src,
        cast(null as varchar) as unit_name_src, language, locality, band, n
    from region_bands
),
typed as (
    select
        edition, source_file, cast(year as int) as year, lower(row_type) as row_type,
        cast(nullif(region_kato, '') as int) as region_kato,
        -- the tables print a running number in place of the region on rows outside any region
        case
            when regexp_like(btrim(region_name_src), '^[0-9]+$') then null
            else nullif(regexp_replace(btrim(region_name_src), '\s+', ' ', 'g'), '')
        end as region_name,
        nullif(regexp_replace(btrim(unit_name_src), '\s+', ' ', 'g'), '') as unit_name,
        case language
            when 'all' then '_T' when 'kaz' then 'kk' when 'rus' then 'ru' when 'eng' then 'en'
            when 'eng_kaz' then 'en_kk' when 'eng_rus' then 'en_ru' else language
        end as language,
        case locality when 'all' then '_T' else locality end as locality,
        case band when 'ALL' then -1 else cast(split_part(band, '-', 1) as int) end as band_from,
        case
            when band = 'ALL' then -1
            when strpos(band, '-') > 0 then cast(split_part(band, '-', 2) as int)
            else cast(band as int)
        end as band_to,
        cast(cast(n as double) as bigint) as person_count
    from printed
),
coded as (
    select
        t.edition, t.source_file, t.year, t.row_type, t.region_kato, t.region_name, t.unit_name, t.language,
        t.locality, t.band_from, t.band_to, t.person_count, cast(c.kato as int) as district_kato
    from typed t
    left join district_code c
        on t.row_type = 'district'
        and cast(c.region_kato as int) = t.region_kato
        and c.unit_name = t.unit_name
        and t.year between cast(c.year_from as int) and cast(c.year_to as int)
)
select
    edition, source_file, year,
    case when year < 2017 then '125' when year = 2018 then 'all' else '140' end as scale,
    row_type, region_name,
    case row_type
        when 'national' then 'Республика бойынша'
        when 'republic_schools' then 'Республикалық мектептер'
        when 'rf_schools' then 'РФ мектептері'
        else coalesce(unit_name, region_name)
    end as unit_name,
    language, locality, band_from, band_to, person_count,
    coalesce(region_kato, 0) as region_kato,
    district_kato,
    coalesce(district_kato, region_kato, 0) as kato
from coded
