-- staging: s1_vacancy
-- grain:   one row per vacancy (year, org_bin, vacancy_no)
-- source:  form S1.VACANCY; is_counted = a position of a teacher that is vacant on 1 October of the year
select
    year, region, submission, district, org_bin, vacancy_no, position, is_teacher, subject, rate_fte, vacant_from,
    is_teacher and (vacant_from is null or vacant_from <= make_date(year, 10, 1)) as is_counted
from raw.s1_vacancy
