-- step:   the printed sheet of 2014, one row per cell pair (number, mean)
-- grain:  one row per (unit, language, locality)
-- why:    the region is printed once, on its first unit (merged cells); the header is bilingual
--         and repeats, so data rows are those whose fourth cell is a number; pairs of zeros mean
--         that nobody was tested and carry no mean
with sheet as (
    select
        cast(row_number as int) as row_number,
        nullif(btrim(c1), '') as c1, nullif(btrim(c2), '') as c2, nullif(btrim(c3), '') as c3,
        c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21
    from sheet_2014_districts
    where try_cast(c4 as double) is not null
),
labelled as (
    select
        *,
        case when c3 is null then c1 else c3 end as printed_unit,
        case
            when c3 is not null
            then last_value(c2) ignore nulls over (order by row_number rows between unbounded preceding and current row)
        end as printed_region
    from sheet
),
typed as (
    select
        *,
        regexp_replace(printed_unit, '\s+', ' ', 'g') as unit_name,
        regexp_replace(printed_region, '\s+', ' ', 'g') as region_name,
        case
            when printed_unit = 'Республика бойынша' then 'national'
            when printed_unit = 'Республикалық мектептер' then 'republic_schools'
            when printed_unit = 'РФ мектептері' then 'rf_schools'
            when printed_unit = 'Облыстық мектептер' then 'region_schools'
            when printed_unit = 'қалалық' then 'city_schools'
            else 'district'
        end as row_type
    from labelled
),
pairs as (
    select
        row_number, row_type, region_name, unit_name,
        unnest(make_array('_T', 'kk', 'ru', '_T', 'kk', 'ru', '_T', 'kk', 'ru')) as language,
        unnest(make_array('_T', '_T', '_T', 'urban', 'urban', 'urban', 'rural', 'rural', 'rural')) as locality,
        unnest(make_array(c4, c6, c8, c10, c12, c14, c16, c18, c20)) as printed_count,
        unnest(make_array(c5, c7, c9, c11, c13, c15, c17, c19, c21)) as printed_mean
    from typed
),
numbers as (
    select
        row_number, row_type, region_name, unit_name, language, locality,
        cast(cast(printed_count as double) as bigint) as tested_count,
        cast(cast(printed_mean as double) as decimal(12, 6)) as mean_score
    from pairs
    where try_cast(printed_count as double) > 0
)
select
    n.row_number, n.row_type, n.region_name, n.unit_name, n.language, n.locality, n.tested_count, n.mean_score,
    coalesce(cast(r.kato as int), 0) as region_kato,
    cast(d.kato as int) as district_kato,
    coalesce(cast(d.kato as int), cast(r.kato as int), 0) as kato
from numbers n
left join region_code r on r.printed = n.region_name
left join district_code d
    on n.row_type = 'district'
    and d.region_kato = r.kato
    and d.unit_name = n.unit_name
    and 2014 between cast(d.year_from as int) and cast(d.year_to as int)
