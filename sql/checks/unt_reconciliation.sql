-- check:  the published UNT tables add up
-- grain:  one row per comparison that does not hold; none is expected
-- unit:   parts and published in persons; R10 and R12 in hundred-thousandths of a point
-- rule:   region = district + region_schools + city_schools;
--         nation = all regions + republic_schools + rf_schools; no row type overlaps another;
--         every total (_T) of language and of locality is the sum of its members;
--         in 2018 the band tables count the main and the two-subject test together
-- nulls:  a mean that is not printed is in no comparison; a comparison without a result does not hold
-- source: staging.s7_agg (edition ntc-means-2014-2018), staging.s7_band
-- Means weighted by persons meet the published mean within its rounding, except in 2017, when the
-- publisher formed the means over fewer persons than it counted: R12 leaves 2017 out.
-- Comparisons made: R01 3249, R02 3826, R03 9, R04 262, R05 20, R06 27, R07 2973, R08 440, R09 1881,
-- R10 9, R11 288, R12 5842.
with
means as (
    select
        year, scale, row_type, kato / 10000000 as region, kato, unit_name, language, locality, tested_count,
        cast(mean_score as decimal(12, 6)) as mean_score,
        case
            when row_type = 'national' then 'nation'
            when row_type in ('republic_schools', 'rf_schools') then row_type
            else 'region'
        end as part_of
    from staging.s7_agg
    where publisher = 'ntc' and edition = 'ntc-means-2014-2018'
),
bands as (
    select
        edition, year, scale, row_type, kato / 10000000 as region, kato, unit_name, language, locality,
        band_from, band_to, person_count
    from staging.s7_band
    where publisher = 'ntc'
),
-- each unit's total is the sum of its languages (R01) and of its localities (R02)
language_total as (
    select
        'R01' as check_code, year, scale, region, '_T' as language, locality, row_type || ' ' || unit_name as item,
        sum(case when language <> '_T' then tested_count else 0 end) as parts,
        sum(case when language = '_T' then tested_count else 0 end) as published
    from means
    group by year, scale, region, locality, row_type, kato, unit_name
),
locality_total as (
    select
        'R02' as check_code, year, scale, region, language, '_T' as locality, row_type || ' ' || unit_name as item,
        sum(case when locality <> '_T' then tested_count else 0 end) as parts,
        sum(case when locality = '_T' then tested_count else 0 end) as published
    from means
    group by year, scale, region, language, row_type, kato, unit_name
),
-- the nation of the means table itself (2014: nine rows)
national_means as (
    select
        'R03' as check_code, year, scale, 0 as region, language, locality, 'nation' as item,
        sum(case when row_type <> 'national' then tested_count else 0 end) as parts,
        sum(case when row_type = 'national' then tested_count else 0 end) as published
    from means
    where year = 2014
    group by year, scale, language, locality
),
-- the means by region and outside regions, both scales of 2018 together, English in one
mean_part as (
    select
        year, case when year = 2018 then 'all' else scale end as scale, part_of, region,
        case when language like 'en%' then 'en' else language end as language, locality,
        sum(tested_count) as tested_count
    from means
    where part_of <> 'nation'
    group by
        year, case when year = 2018 then 'all' else scale end, part_of, region,
        case when language like 'en%' then 'en' else language end, locality
),
band_part as (
    select
        edition, year, scale,
        case row_type when 'national' then 'nation' else row_type end as part_of, region,
        case when language like 'en%' then 'en' else language end as language, locality,
        sum(person_count) as person_count
    from bands
    where band_from = -1 and row_type in ('national', 'region', 'republic_schools', 'rf_schools')
    group by
        edition, year, scale, row_type, region,
        case when language like 'en%' then 'en' else language end, locality
),
region_total as (
    select
        'R04' as check_code, b.year, b.scale, b.region, b.language, b.locality, 'region' as item,
        coalesce(m.tested_count, 0) as parts, b.person_count as published
    from band_part b
    left join mean_part m
        on m.part_of = 'region' and m.year = b.year and m.region = b.region
        and m.language = b.language and m.locality = b.locality
    where b.part_of = 'region' and b.year <= 2018
),
mean_nation as (
    select year, language, locality, sum(tested_count) as tested_count
    from mean_part
    group by year, language, locality
),
nation_total as (
    select
        'R05' as check_code, b.year, b.scale, 0 as region, b.language, b.locality, b.edition as item,
        coalesce(m.tested_count, 0) as parts, b.person_count as published
    from band_part b
    left join mean_nation m on m.year = b.year and m.language = b.language and m.locality = b.locality
    where b.part_of = 'nation' and b.year <= 2018
),
outside_total as (
    select
        'R06' as check_code, b.year, b.scale, 0 as region, b.language, b.locality, b.part_of as item,
        coalesce(m.tested_count, 0) as parts, b.person_count as published
    from band_part b
    left join mean_part m
        on m.part_of = b.part_of and m.year = b.year and m.language = b.language and m.locality = b.locality
    where b.part_of in ('republic_schools', 'rf_schools') and b.edition = 'ntc-region-bands' and b.year <= 2018
),
-- bands of a row add up to all its persons; regions to the nation, band by band
band_total as (
    select
        'R07' as check_code, year, scale, region, language, locality, row_type || ' ' || unit_name as item,
        sum(case when band_from >= 0 then person_count else 0 end) as parts,
        sum(case when band_from < 0 then person_count else 0 end) as published
    from bands
    group by edition, year, scale, region, language, locality, row_type, kato, unit_name
),
band_nation as (
    select
        'R08' as check_code, year, scale, 0 as region, language, locality,
        edition || ' ' || cast(band_from as varchar) as item,
        sum(case when row_type <> 'national' then person_count else 0 end) as parts,
        sum(case when row_type = 'national' then person_count else 0 end) as published
    from bands
    where edition = 'ntc-region-bands' or year = 2014
    group by edition, year, scale, language, locality, band_from
),
-- districts of the band table against the means; in 2015 it counts the city schools of Almaty
-- among the republican schools, so what has no district is compared as one sum
district_band as (
    select
        'R09' as check_code, year, scale, 0 as region, language, locality,
        item, sum(parts) as parts, sum(published) as published
    from (
        select
            year, scale, language, locality,
            case when row_type = 'district' then cast(kato as varchar) else 'without district' end as item,
            tested_count as parts, 0 as published
        from means
        where row_type <> 'national' and year <= 2016 and locality = '_T'
        union all
        select
            year, scale, language, locality,
            case when row_type = 'district' then cast(kato as varchar) else 'without district' end as item,
            0 as parts, person_count as published
        from bands
        where row_type <> 'national' and edition = 'ntc-district-bands' and band_from = -1
    ) as both_tables
    group by year, scale, language, locality, item
),
-- the nation's mean of 2014 from its parts; in hundred-thousandths of a point
mean_nation_score as (
    select
        'R10' as check_code, year, scale, 0 as region, language, locality, 'mean, 1/100000 point' as item,
        cast(round(
            100000 * sum(case when row_type <> 'national' then tested_count * mean_score end)
            / sum(case when row_type <> 'national' then tested_count end)
        ) as bigint) as parts,
        cast(round(100000 * sum(case when row_type = 'national' then mean_score end)) as bigint) as published
    from means
    where year = 2014
    group by year, scale, language, locality
),
-- district bands of 2014 (with schools under the oblast and the city) against the region bands
district_to_region_band as (
    select
        'R11' as check_code, year, scale, region, language, locality, cast(band_from as varchar) as item,
        sum(case when edition = 'ntc-district-bands' then person_count else 0 end) as parts,
        sum(case when edition = 'ntc-region-bands' then person_count else 0 end) as published
    from bands
    where
        year = 2014 and band_from >= 0
        and row_type in ('district', 'region_schools', 'city_schools', 'region')
    group by year, scale, region, language, locality, band_from
),
-- means of languages and of localities against the mean of their total
part_mean as (
    select
        year, scale, region, row_type, kato, unit_name, '_T' as language, locality,
        100000 * sum(case when language <> '_T' then tested_count * mean_score end)
        / sum(case when language <> '_T' then tested_count end) as parts,
        100000 * sum(case when language = '_T' then mean_score end) as published
    from means
    where year <> 2017
    group by year, scale, region, row_type, kato, unit_name, locality
    union all
    select
        year, scale, region, row_type, kato, unit_name, language, '_T' as locality,
        100000 * sum(case when locality <> '_T' then tested_count * mean_score end)
        / sum(case when locality <> '_T' then tested_count end) as parts,
        100000 * sum(case when locality = '_T' then mean_score end) as published
    from means
    where year <> 2017
    group by year, scale, region, row_type, kato, unit_name, language
),
mean_of_parts as (
    select
        'R12' as check_code, year, scale, region, language, locality, row_type || ' ' || unit_name as item,
        cast(round(parts) as bigint) as parts, cast(round(published) as bigint) as published
    from part_mean
),
comparison as (
    select check_code, year, scale, region, language, locality, item, parts, published from language_total
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from locality_total
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from national_means
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from region_total
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from nation_total
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from outside_total
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from band_total
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from band_nation
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from district_band
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from mean_nation_score
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from district_to_region_band
    union all
    select check_code, year, scale, region, language, locality, item, parts, published from mean_of_parts
),
judged as (
    select
        check_code, year, scale, region, language, locality, item, parts, published, parts - published as difference,
        -- counts are exact; R10 within the nation's rounding (0.005 of a point), R12 within that of
        -- both sides (0.01)
        case check_code
            when 'R10' then abs(parts - published) <= 500
            when 'R12' then abs(parts - published) <= 1000
            else parts = published
        end as holds
    from comparison
)
select check_code, year, scale, region, language, locality, item, parts, published, difference
from judged
where not coalesce(holds, false)
order by check_code, year, scale, region, language, locality, item
