-- staging: s10_school
-- grain:   one row per school of a study (year, study, country, school_id)
-- source:  form S10.SCHOOL
select
    year, submission, study, country, school_id, enrol_boys, enrol_girls, student_teacher_ratio, ownership,
    fund_government, fund_fees, fund_donation, staff_shortage, weight, school_size
from raw.s10_school
