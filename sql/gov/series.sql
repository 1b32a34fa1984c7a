-- gov: series
-- grain:  one row per (source, edition, series, unit, sex, locality, language, study_form, year) with a value
-- unit:   series names its level too unless it is that of schools; value in that of the series; is_count = persons or organisations, which add up; printed values are not corrected
-- nulls:  values that are not printed have no row; n (persons behind a mean) where it is printed; year is that of the source
-- source: published tables (staging.s2_agg, staging.s2_pop, staging.s7_agg) and submitted forms (learners and staff of an
--         organisation). unit: the identity of a territory through recodes, so that a series does not end with a code;
--         parent_code: the unit that a count is a part of (a city printed beside its region is no part). Editions that
--         are a second reading of the same table (workbooks) are left out
with printed as (
    select
        'S2.AGG' as source, edition, case level when 'school' then series else concat(series, ', ', level) end as series,
        year, kato, sex, locality, language, study_form,
        cast(value as double) as value, unit <> 'percent' as is_count
    from staging.s2_agg
    where value is not null and grade = '_T' and ownership = '_T' and edition not like '%workbook%'
    union all
    select
        'S2.POP', edition, 'population', year, kato, sex, locality, '_T', '_T', cast(population as double), true
    from staging.s2_pop
    where age = -1
),
published as (
    select
        source, edition, series, year,
        case when kato = 0 then 'republic' when kato % 10000000 = 0 then 'region' else 'district' end as tier,
        case when kato = 0 then 'KZ' else lpad(cast(kato as varchar), 9, '0') end as geo_code,
        case when kato > 0 and kato % 10000000 = 0 then 'KZ' end as parent_code,
        sex, locality, language, study_form, value, is_count, cast(null as bigint) as n
    from printed
),
tested as (
    select
        'S7.AGG' as source, edition, scale, year, row_type,
        case
            when row_type = 'national' then 'republic'
            when row_type in ('republic_schools', 'rf_schools') then row_type
            else 'district'
        end as tier,
        case
            when row_type = 'national' then 'KZ'
            when row_type in ('republic_schools', 'rf_schools') then row_type
            else concat(lpad(cast(kato as varchar), 9, '0'), case row_type when 'district' then '' else concat(' ', row_type) end)
        end as geo_code,
        case when region > 0 then cast(region * 10000000 as varchar) end as parent_code,
        language, locality, tested_count, mean_score
    from staging.s7_agg
    where edition not like '%workbook%'
),
unt as (
    select
        source, edition, concat('tested, ', scale) as series, year, tier, geo_code, parent_code, '_T' as sex, locality,
        language, '_T' as study_form, cast(tested_count as double) as value, true as is_count, tested_count as n
    from tested
    where tested_count is not null
    union all
    select
        source, edition, concat('mean score, ', scale), year, tier, geo_code, parent_code, '_T', locality,
        language, '_T', cast(mean_score as double), false, tested_count
    from tested
    where mean_score is not null
),
submitted as (
    select
        'S1.PUPIL' as source, 'submitted' as edition, 'learners' as series, year, 'organisation' as tier,
        lpad(cast(org_bin as varchar), 12, '0') as geo_code, cast(district as varchar) as parent_code, sex,
        '_T' as locality, language, '_T' as study_form, cast(learner_count as double) as value, true as is_count,
        learner_count as n
    from (
        select year, org_bin, district, sex, language, sum(learner_count) as learner_count
        from measures.enrolment
        group by year, org_bin, district, sex, language
        union all
        select year, org_bin, district, '_T', '_T', sum(learner_count)
        from measures.enrolment
        group by year, org_bin, district
    ) learner
),
every as (
    select *
    from published
    union all
    select *
    from unt
    union all
    select *
    from submitted
)
select
    e.source, e.edition, e.series, e.year, e.tier, e.geo_code, coalesce(cast(g.geo_id as varchar), e.geo_code) as unit,
    e.parent_code, e.sex, e.locality, e.language, e.study_form, e.value, e.is_count, e.n
from every e
left join ref.geo_year g on g.year = e.year and g.tier = e.tier and g.kato = e.geo_code
