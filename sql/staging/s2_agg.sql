-- staging: s2_agg
-- grain:   one row per published cell
-- source:  form S2.AGG; grade -1 = all grades
select
    year, region, submission, kato, series, level, sex, locality, language, ownership, study_form,
    case when grade < 0 then '_T' else cast(grade as varchar) end as grade,
    value, unit, flag, publisher, edition, published_on, status
from raw.s2_agg
