-- form:   S2.POP, population by region on 1 January of the year
-- unit:   persons; age and age_to are inclusive, -1 to -1 all ages, age_to 999 without upper end
-- note:   the age groups follow the working age of 2020: men 16-62, women 16-58
select
    year, kato, age, age_to, sex, locality, population, 'bns' as publisher, edition,
    cast(null as date) as published_on, 'final' as status
from placed
where kato is not null
