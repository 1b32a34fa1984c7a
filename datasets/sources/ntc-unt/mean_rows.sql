-- step:   number tested and mean score, with members of our dimensions and codes valid in the year
-- grain:  one row per (year, scale, row_type, region, unit, language, locality)
-- nulls:  kato is 0 for the nation and for what belongs to no region; a unit without district,
--         or with a name that fits none, takes its region's code (its unallocated part);
--         mean_score is missing where the publisher counts a person but prints no mean
with printed as (
    select
        cast(year as int) as year, scale, lower(row_type) as row_type,
        cast(nullif(region_kato, '') as int) as region_kato,
        nullif(regexp_replace(btrim(region_name_src), '\s+', ' ', 'g'), '') as region_name,
        nullif(regexp_replace(btrim(unit_name_src), '\s+', ' ', 'g'), '') as unit_name,
        case language
            when 'all' then '_T' when 'kaz' then 'kk' when 'rus' then 'ru' when 'eng' then 'en'
            when 'eng_kaz' then 'en_kk' when 'eng_rus' then 'en_ru' else language
        end as language,
        case locality when 'all' then '_T' else locality end as locality,
        cast(cast(n_tested as double) as bigint) as tested_count,
        cast(nullif(mean_score, '') as decimal(12, 6)) as mean_score
    from district_means
),
coded as (
    select
        p.year, p.scale, p.row_type, p.region_kato, p.region_name, p.unit_name, p.language, p.locality,
        p.tested_count, p.mean_score, cast(c.kato as int) as district_kato
    from printed p
    left join district_code c
        on p.row_type = 'district'
        and cast(c.region_kato as int) = p.region_kato
        and c.unit_name = p.unit_name
        and p.year between cast(c.year_from as int) and cast(c.year_to as int)
)
select
    year, scale, row_type, region_name,
    coalesce(unit_name, region_name, 'Республика бойынша') as unit_name,
    language, locality, tested_count, mean_score,
    coalesce(region_kato, 0) as region_kato,
    district_kato,
    coalesce(district_kato, region_kato, 0) as kato
from coded
