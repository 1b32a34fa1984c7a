-- measure: study_item
-- grain:   one row per (indicator, year, country, level, category = item, source, edition)
-- unit:    percent of teachers, with the standard error that OECD publishes (balanced repeated replication)
-- nulls:   se is NULL where it is not published
-- source:  form S10.OBS, publisher talis, concept talis_share:<item>
select
    'ILS-09' as indicator, year, 'international' as tier, country as geo_code, level, '_T' as sex, '_T' as locality,
    '_T' as language, '_T' as ownership, '_T' as study_form, '_T' as grade, '_T' as age, '_T' as subject,
    split_part(concept, ':', 2) as category, cast(null as double) as numerator, cast(null as double) as denominator,
    value, se, n, coalesce(flag, 'ok') as flag, 'final' as status, publisher as source, edition, published_on,
    cast(0 as int) as preference
from staging.s10_obs
where
    publisher = 'talis' and concept like 'talis_share:%' and sex = '_T' and ownership = '_T' and locality = '_T'
    and grade = '_T' and age = '_T'
