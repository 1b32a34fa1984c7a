-- step:   every printed number of inhabitants, one edition a publication
-- grain:  one row per (edition, printed region, year, sex, locality, age, age_to)
-- note:   bulletins revise each other, so each is an edition of its own and none overwrites another;
--         an age group without upper end has age_to 999, all ages are -1 to -1
with lines as (
    select
        'bns-series-2000-2023' as edition, btrim(region_name_ru) as region_name, year, '_T' as sex, '_T' as locality,
        -1 as age, -1 as age_to, population
    from series
    union all
    select
        'bns-bulletin-' || split_part(source_file, '_', 1) as edition, btrim(region_name_kk) as region_name, year,
        '_T' as sex, unnest(make_array('_T', 'urban', 'rural')) as locality, -1 as age, -1 as age_to,
        unnest(make_array(total, urban, rural)) as population
    from bulletins
    union all
    select
        'bns-age-groups-2020' as edition, btrim(region) as region_name, '2020' as year,
        case sex when 'men' then 'male' when 'women' then 'female' else sex end as sex, '_T' as locality,
        cast(split_part(replace(age, '+', '-999'), '-', 1) as int) as age,
        cast(split_part(replace(age, '+', '-999'), '-', 2) as int) as age_to,
        value as population
    from age_groups
)
select
    l.edition, regexp_replace(replace(l.region_name, 'Туркестанская 1', 'Туркестанская'), '\s+', ' ', 'g') as region_name,
    cast(l.year as int) as year, l.sex, l.locality, l.age, l.age_to,
    cast(cast(nullif(l.population, '') as double) as bigint) as population,
    cast(r.kato as int) as printed_kato
from lines l
left join region_code r
    on r.printed = regexp_replace(replace(l.region_name, 'Туркестанская 1', 'Туркестанская'), '\s+', ' ', 'g')
