-- gov: anomaly_part
-- grain:  one row per part that is larger than its whole
-- unit:   observed and expected in that of the series; both series as they are printed and as they would look
-- nulls:  other_code where no other unit has a part in it
-- source: gov.series; limits are parameters anomaly_*. A sex, locality or form of study against the total of the same unit and year
with larger as (
    select p.*, w.value as whole, 'sex' as dimension
    from gov.series p
    join gov.series w
        on w.source = p.source and w.edition = p.edition and w.series = p.series and w.unit = p.unit
        and w.geo_code = p.geo_code and w.year = p.year and w.locality = p.locality and w.language = p.language and w.study_form = p.study_form
    where p.is_count and p.sex <> '_T' and w.sex = '_T' and p.value > w.value
    union all
    select p.*, w.value as whole, 'locality' as dimension
    from gov.series p
    join gov.series w
        on w.source = p.source and w.edition = p.edition and w.series = p.series and w.unit = p.unit
        and w.geo_code = p.geo_code and w.year = p.year and w.sex = p.sex and w.language = p.language and w.study_form = p.study_form
    where p.is_count and p.locality <> '_T' and w.locality = '_T' and p.value > w.value
    union all
    select p.*, w.value as whole, 'study_form' as dimension
    from gov.series p
    join gov.series w
        on w.source = p.source and w.edition = p.edition and w.series = p.series and w.unit = p.unit
        and w.geo_code = p.geo_code and w.year = p.year and w.sex = p.sex and w.locality = p.locality and w.language = p.language
    where p.is_count and p.study_form <> '_T' and w.study_form = '_T' and p.value > w.value
)
select
    source, edition, series, tier, geo_code, cast(null as varchar) as other_code, sex, locality, language, study_form, year,
    value as observed, whole as expected, cast(value as varchar) as series_printed,
    concat('at most ', cast(whole as varchar)) as series_would_be,
    concat(
        'a part by ', dimension, ' of ', cast(value as varchar), ' in a whole of ', cast(whole as varchar)
    ) as evidence
from larger
