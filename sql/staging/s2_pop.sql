-- staging: s2_pop
-- grain:   one row per (year, publisher, edition, kato, age, age_to, sex, locality)
-- unit:    persons on 1 January of the year; age -1 = all ages
-- source:  form S2.POP
select
    year, region, submission, kato, age, age_to, sex, locality, population, publisher, edition, published_on,
    status, age >= 0 and age = age_to as is_single_age
from raw.s2_pop
