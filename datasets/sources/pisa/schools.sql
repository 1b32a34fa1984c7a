-- load:    PISA school files of 2000-2022 into S10.SCHOOL
-- grain:   one row per school and cycle
-- unit:    persons; shares of funding in percent; students per teacher
-- nulls:   not answered is NULL; school weights are empty for some countries in 2022
-- source:  OECD, PISA database
-- Ownership is a word until 2018 and a code in 2022, where 1 is private and 2 public:
-- the shares of fee income and of countries with few private schools show it.
select
    year,
    'pisa' as study,
    country,
    school_id,
    cast(round(enrol_boys) as int) as enrol_boys,
    cast(round(enrol_girls) as int) as enrol_girls,
    stratio as student_teacher_ratio,
    case when public_private in ('public', '2') then 'state'
         when public_private in ('private', '1') then 'private' end as ownership,
    fund_gov as fund_government,
    fund_fees,
    fund_donation,
    staff_shortage,
    sch_wgt as weight,
    cast(round(school_size) as int) as school_size
from school
