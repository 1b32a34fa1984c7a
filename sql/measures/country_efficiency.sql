-- measure: country_efficiency
-- grain:   one row per (indicator, year, country, level, sex, locality, grade, source, edition)
-- unit:    that of the indicator, as the publisher prints it
-- nulls:   not_available where the publisher gives no value
-- source:  form S10.OBS: UNESCO UIS, UIS SDG 4, World Bank EdStats
-- Choices:
-- * EFF-03 is that of primary education by grade; the cumulative rate and those of lower secondary grades, which
--   publishers number anew, stay out. EFF-04 total is survival to the last grade, grades 4 and 5 beside it.
-- * EFF-06: from primary to general lower secondary education, shown at the level left.
-- * TVE-01: share of vocational programmes in upper secondary education, learners of every age. TVE-09: SDG 4.3.3.
-- * EQT-07 is shown at the level of the grades tested.
-- * Order of preference: UIS 1, SDG 4 2, EdStats 4, as in country_value.
with printed as (
    select
        publisher, edition, published_on, year, country, series, concept, level, orientation, sex, locality, grade, value,
        flag, case publisher when 'uis' then 1 when 'uis_sdg4' then 2 else 4 end as preference
    from staging.s10_obs
    where
        publisher in ('uis', 'uis_sdg4', 'wb_edstats') and ownership = '_T' and age = '_T'
        and concept in (
            'published:EFF-03', 'published:EFF-04', 'published:EFF-04-G4', 'published:EFF-04-G5', 'published:EFF-06',
            'published:EFF-11', 'published:CON-09', 'published:TVE-09', 'published:EQT-07'
        )
),
named as (
    select
        case
            when concept = 'published:CON-09' then 'TVE-01'
            when concept like 'published:EFF-04%' then 'EFF-04'
            else substr(concept, 11)
        end as indicator,
        publisher, edition, published_on, year, country,
        case
            when concept = 'published:EFF-06' then 'primary'
            when concept = 'published:TVE-09' then 'isced_3'
            else level
        end as level,
        sex, locality,
        case concept when 'published:EFF-04-G4' then '4' when 'published:EFF-04-G5' then '5' else grade end as grade,
        value, flag, preference
    from printed
    where
        (concept = 'published:EFF-03' and level = 'primary' and orientation = '_T')
        or (concept like 'published:EFF-04%')
        or (concept = 'published:EFF-06' and level = 'basic_secondary')
        or concept in ('published:EFF-11', 'published:TVE-09')
        or (concept = 'published:CON-09' and level = 'isced_3' and orientation = 'vocational')
        or (concept = 'published:EQT-07' and level in ('primary', 'basic_secondary'))
)
select
    indicator, year, 'international' as tier, country as geo_code, level, sex, locality, '_T' as language,
    '_T' as ownership, '_T' as study_form, grade, '_T' as age, '_T' as subject, '_T' as category,
    cast(null as double) as numerator, cast(null as double) as denominator, value, cast(null as double) as se,
    cast(null as bigint) as n, flag, 'final' as status, publisher as source, edition, published_on,
    cast(preference as int) as preference
from named
