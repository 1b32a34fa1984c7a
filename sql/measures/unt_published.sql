-- measure: unt_published
-- grain:   one row per (indicator, year, territory, language, locality, edition); level general_secondary
-- unit:    UNT-01 persons; UNT-03 points, as sum of points over persons (value is NULL: it is their ratio)
--          points are summed as decimals, so that the order of rows changes nothing
-- nulls:   a person without a printed mean is not in UNT-03 (four rows of 2017)
-- source:  form S7.AGG: National Testing Centre, tested and mean score by district, 2014-2018
-- Choices:
-- * region = districts + schools under the region + schools under the city. What has no district
--   stands in the unallocated district, which carries the code of the region: districts add up to
--   their region exactly.
-- * republic = regions + republican schools + schools with the Russian programme. These two belong to no
--   region and stand in the republic only.
-- * Every language and locality, and every total, is the printed row: totals are not summed again.
-- * In 2018 a test of two subjects stands beside the main one: UNT-01 counts the persons of both,
--   UNT-03 is the main scale only (125 points until 2016, 140 from 2017).
-- * Means of 2017 were formed over fewer persons than were counted: flag estimate.
-- * The printed republic of 2014 is an edition of its own beside the sum; the workbook of 2014 is a second
--   reading of the same table.
with printed as (
    select
        year, region, kato, row_type, scale, language, locality, tested_count, mean_score,
        edition, published_on, status,
        case edition when 'ntc-means-2014-2018' then 0 else 10 end as preference
    from staging.s7_agg
    where publisher = 'ntc' and edition in ('ntc-means-2014-2018', 'ntc-workbook-2014')
),
placed as (
    select
        'district' as tier, lpad(cast(kato as varchar), 9, '0') as geo_code, year, scale, language, locality,
        tested_count, mean_score, edition, published_on, status, preference
    from printed
    where row_type in ('district', 'region_schools', 'city_schools')
    union all
    select
        'region', lpad(cast(region * 10000000 as varchar), 9, '0'), year, scale, language, locality, tested_count,
        mean_score, edition, published_on, status, preference
    from printed
    where row_type in ('district', 'region_schools', 'city_schools')
    union all
    select
        'republic', 'KZ', year, scale, language, locality, tested_count, mean_score, edition, published_on, status,
        preference
    from printed
    where row_type in ('district', 'region_schools', 'city_schools', 'republic_schools', 'rf_schools')
    union all
    select
        'republic', 'KZ', year, scale, language, locality, tested_count, mean_score, 'ntc-national-2014',
        published_on, status, 5
    from printed
    where row_type = 'national' and edition = 'ntc-means-2014-2018'
),
person as (
    select
        tier, geo_code, year, language, locality, edition, published_on, status, preference,
        sum(tested_count) as tested_count
    from placed
    group by tier, geo_code, year, language, locality, edition, published_on, status, preference
),
score as (
    select
        tier, geo_code, year, language, locality, edition, published_on, status, preference,
        cast(sum(tested_count * mean_score) as double) as point_sum,
        sum(case when mean_score is not null then tested_count end) as tested_count
    from placed
    where scale <> '2subj'
    group by tier, geo_code, year, language, locality, edition, published_on, status, preference
),
answer as (
    select
        'UNT-01' as indicator, tier, geo_code, year, language, locality, cast(tested_count as double) as numerator,
        cast(null as double) as denominator, cast(tested_count as double) as value, tested_count as n, 'ok' as flag,
        edition, published_on, status, preference
    from person
    union all
    select
        'UNT-03', tier, geo_code, year, language, locality, point_sum, cast(tested_count as double), null, tested_count,
        case when tested_count is null then 'not_available' when year = 2017 then 'estimate' else 'ok' end,
        edition, published_on, status, preference
    from score
)
select
    indicator, year, tier, geo_code, 'general_secondary' as level, '_T' as sex, locality, language, '_T' as ownership,
    '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject, '_T' as category, numerator, denominator, value,
    cast(null as double) as se, n, flag, status, 'ntc' as source, edition, published_on,
    cast(preference as int) as preference
from answer
