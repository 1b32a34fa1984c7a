-- measure: study_level_share
-- grain:   one row per (indicator, year, country, level, sex, grade, subject, category = study, source, edition)
-- unit:    percent of pupils
-- nulls:   a share stands only where every level that it is made of is published; se is NULL, for the errors of the
--          levels are not independent of each other
-- source:  form S10.OBS: World Bank LearningPoverty and EdStats
-- PISA: levels 2 to 6 (ILS-02), 5 and 6 (ILS-03). TIMSS and PIRLS: all but those below the low benchmark, and those who
-- reach the advanced one. Level and grade as in measures.country_value.
with share as (
    select
        publisher, edition, published_on, year, country, sex, subject, concept, cast(value as decimal(14, 6)) as share,
        case split_part(series, '_', 1) when 'lo' then split_part(series, '_', 2) else split_part(series, '_', 1) end
        as study,
        case when level = '_T' then 'basic_secondary' else level end as level,
        case when grade in ('4', '8') then '_T' else grade end as grade
    from staging.s10_obs
    where
        publisher in ('wb_learning', 'wb_edstats')
        and concept in (
            'share_level_2', 'share_level_3', 'share_level_4', 'share_level_5', 'share_level_6', 'share_benchmark_bl',
            'share_benchmark_adv'
        )
),
summed as (
    select
        publisher, edition, published_on, year, country, sex, subject, study, level, grade,
        case
            when count(case when concept like 'share_level_%' then share end) = 5
            then sum(case when concept like 'share_level_%' then share end)
            else 100 - max(case when concept = 'share_benchmark_bl' then share end)
        end as minimum,
        case
            when count(case when concept in ('share_level_5', 'share_level_6') then share end) = 2
            then sum(case when concept in ('share_level_5', 'share_level_6') then share end)
            else max(case when concept = 'share_benchmark_adv' then share end)
        end as advanced
    from share
    where study in ('pisa', 'timss', 'pirls')
    group by publisher, edition, published_on, year, country, sex, subject, study, level, grade
),
answer as (
    select
        'ILS-02' as indicator, publisher, edition, published_on, year, country, sex, subject, study, level, grade,
        minimum as value
    from summed
    where minimum is not null
    union all
    select
        'ILS-03', publisher, edition, published_on, year, country, sex, subject, study, level, grade, advanced
    from summed
    where advanced is not null
)
select
    indicator, year, 'international' as tier, country as geo_code, level, sex, '_T' as locality, '_T' as language,
    '_T' as ownership, '_T' as study_form, grade, '_T' as age, subject, study as category,
    cast(null as double) as numerator, cast(null as double) as denominator, cast(value as double) as value,
    cast(null as double) as se, cast(null as bigint) as n, 'ok' as flag, 'final' as status, publisher as source, edition,
    published_on, cast(case publisher when 'wb_learning' then 1 else 2 end as int) as preference
from answer
