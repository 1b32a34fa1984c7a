-- staging: s10_obs
-- grain:   one row per (year, publisher, edition, series, country)
-- unit:    as published, see unit
-- source:  form S10.OBS; grade and age are '_T' when all
select
    year, submission, country, is_aggregate, series, concept, level, orientation, sex, ownership, locality,
    case when grade < 0 then '_T' else cast(grade as varchar) end as grade,
    case when age < 0 then '_T' when age_to > age then concat(age, '-', age_to) else cast(age as varchar) end as age,
    coalesce(subject, '_T') as subject, value, se, n, unit, publisher, edition, published_on, flag, note
from raw.s10_obs
