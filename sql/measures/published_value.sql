-- measure: published_value
-- grain:   one row per (indicator, year, territory, sex, locality, study_form, edition); level school
-- unit:    that of the indicator; value is NULL where it is numerator * scale / denominator
-- nulls:   not_available where the source prints an ellipsis; a printed dash is a zero
-- source:  form S2.AGG: Bureau of National Statistics, schools, pupils and teachers by region, 2000-2022
-- Choices:
-- * Year is the first calendar year of the school year; the gross enrolment ratio keeps its printed year.
-- * Shymkent until 2017 is printed as a line of its own but is a city of South Kazakhstan: tier district.
-- * Until 2007 tables by locality and of girls leave evening schools out: their study form is full.
-- * TCH-01 divides all pupils by all teachers. Flag estimate: 2015, when teachers are those of state day
--   schools only, and 2016-2018 in East Kazakhstan and in South Kazakhstan (now Turkestan), whose
--   lines of teachers are exchanged in the source. Nothing is corrected.
-- * ACC-01 is the printed ratio. The list of 2022 has no line of the republic: no row there.
with published as (
    select
        year, series, sex, locality, study_form, cast(value as double) as value, kato, edition, published_on, status,
        case when flag = 'not_available' then 'not_available' else 'ok' end as flag,
        case
            when kato = 0 then 'republic'
            when kato % 10000000 = 0 then 'region'
            else 'district'
        end as tier,
        case when kato = 0 then 'KZ' else lpad(cast(kato as varchar), 9, '0') end as geo_code,
        case edition when 'bns-2000-2021' then 0 when 'bns-workbook-2000-2021' then 1 else 2 end as preference
    from staging.s2_agg
    where
        publisher = 'bns' and level = 'school' and language = '_T' and ownership = '_T' and grade = '_T'
        and (kato % 10000000 = 0 or kato = 511000000)
),
-- one line per territory and year: all pupils and all teachers
pupil as (
    select year, kato, tier, geo_code, edition, published_on, status, preference, value
    from published
    where series = 'pupils' and sex = '_T' and locality = '_T' and study_form = '_T'
),
teacher as (
    select year, kato, edition, value
    from published
    where series = 'teachers' and sex = '_T' and locality = '_T' and study_form = '_T'
),
staffed as (
    select
        p.year, p.kato, p.tier, p.geo_code, p.edition, p.published_on, p.status, p.preference, p.value as pupils,
        t.value as teachers
    from pupil p
    join teacher t on t.edition = p.edition and t.year = p.year and t.kato = p.kato
),
answer as (
    select
        'ACC-01' as indicator, year, tier, geo_code, sex, locality, study_form, cast(null as double) as numerator,
        cast(null as double) as denominator, value, cast(null as bigint) as n, flag, status, edition, published_on,
        preference
    from published
    where series = 'gross_enrolment_ratio_secondary'
    union all
    select
        'CON-01', year, tier, geo_code, sex, locality, study_form, value as numerator, null, value,
        cast(value as bigint), flag, status, edition, published_on, preference
    from published
    where series = 'pupils'
    union all
    select
        'NET-01', year, tier, geo_code, sex, locality, study_form, value as numerator, null, value,
        cast(value as bigint), flag, status, edition, published_on, preference
    from published
    where series = 'schools'
    union all
    select
        'TCH-01', year, tier, geo_code, '_T', '_T', '_T', pupils, teachers, null, cast(teachers as bigint),
        case
            when pupils is null or teachers is null then 'not_available'
            when year = 2015 then 'estimate'
            when year between 2016 and 2018 and kato in (510000000, 610000000, 630000000) then 'estimate'
            else 'ok'
        end,
        status, edition, published_on, preference
    from staffed
)
select
    indicator, year, tier, geo_code, 'school' as level, sex, locality, '_T' as language, '_T' as ownership, study_form,
    '_T' as grade, '_T' as age, '_T' as subject, '_T' as category, numerator, denominator, value,
    cast(null as double) as se, n, flag, status, 'bns' as source, edition, published_on,
    cast(preference as int) as preference
from answer
