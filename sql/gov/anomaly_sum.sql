-- gov: anomaly_sum
-- grain:  one row per (whole, dimension or tier along which it does not close)
-- unit:   observed and expected in that of the series; both series as they are printed and as they would look
-- nulls:  other_code where no other unit has a part in it
-- source: gov.series; limits are parameters anomaly_*. Sexes, localities, forms of study of a unit, and the regions of the republic (where at least as many are printed as in the year before)
with closed as (
    select
        'sex' as closing, source, edition, series, year, tier, geo_code, '_T' as sex, locality, language, study_form,
        max(case when sex = '_T' then value end) as observed,
        sum(case when sex <> '_T' then value end) as expected, count(case when sex <> '_T' then 1 end) as part_count
    from gov.series
    where is_count
    group by source, edition, series, year, tier, geo_code, locality, language, study_form
    having count(case when sex <> '_T' then 1 end) > 1
    union all
    select
        'locality' as closing, source, edition, series, year, tier, geo_code, sex, '_T' as locality, language, study_form,
        max(case when locality = '_T' then value end) as observed,
        sum(case when locality <> '_T' then value end) as expected, count(case when locality <> '_T' then 1 end) as part_count
    from gov.series
    where is_count
    group by source, edition, series, year, tier, geo_code, sex, language, study_form
    having count(case when locality <> '_T' then 1 end) > 1
    union all
    select
        'study_form' as closing, source, edition, series, year, tier, geo_code, sex, locality, language, '_T' as study_form,
        max(case when study_form = '_T' then value end) as observed,
        sum(case when study_form <> '_T' then value end) as expected, count(case when study_form <> '_T' then 1 end) as part_count
    from gov.series
    where is_count
    group by source, edition, series, year, tier, geo_code, sex, locality, language
    having count(case when study_form <> '_T' then 1 end) > 1
),
-- a table that lists a unit less is a table of fewer units: only complete lists are summed
region_count as (
    select
        source, edition, series, sex, locality, language, study_form, year, count(*) as part_count, sum(value) as expected
    from gov.series
    where is_count and parent_code = 'KZ'
    group by source, edition, series, sex, locality, language, study_form, year
),
territory as (
    select
        'region' as closing, t.source, t.edition, t.series, t.year, t.tier, t.geo_code, t.sex, t.locality, t.language,
        t.study_form, t.value as observed, r.expected, r.part_count
    from gov.series t
    join region_count r
        on r.source = t.source and r.edition = t.edition and r.series = t.series and r.sex = t.sex
        and r.locality = t.locality and r.language = t.language and r.study_form = t.study_form and r.year = t.year
    join (
        select year, count(*) as unit_count
        from ref.geo_year
        where tier = 'region'
        group by year
    ) g on g.year = t.year
    where t.is_count and t.geo_code = 'KZ' and r.part_count >= g.unit_count - 1
),
judged as (
    select *
    from closed
    where observed is not null and observed <> expected
    union all
    select *
    from territory
    where observed <> expected
)
select
    source, edition, series, tier, geo_code, cast(null as varchar) as other_code, sex, locality, language, study_form, year,
    observed, expected, cast(observed as varchar) as series_printed, cast(expected as varchar) as series_would_be,
    concat(
        'the ', cast(part_count as varchar), ' parts by ', closing, ' add up to ', cast(expected as varchar), ', ',
        cast(expected - observed as varchar), ' more than the printed ', cast(observed as varchar)
    ) as evidence
from judged
