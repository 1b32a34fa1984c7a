-- form:   S2.AGG, published education statistics by region, 2000-2022
-- unit:   persons (pupils, teachers), organisations (schools), percent (gross enrolment)
-- nulls:  value is missing exactly where flag is not_available; nil is a printed zero
-- note:   year is the first calendar year of the school year, for enrolment ratios and schools
--         commissioned the printed year
select
    year, kato, series, 'school' as level, sex, locality, '_T' as language, '_T' as ownership, study_form, -1 as grade,
    cast(value as decimal(24, 6)) as value,
    case
        when series in ('pupils', 'teachers') then 'persons'
        when series in ('schools', 'schools_commissioned') then 'organisations'
        else 'percent'
    end as unit,
    flag, 'bns' as publisher, edition, cast(null as date) as published_on, 'final' as status
from placed
where kato is not null
