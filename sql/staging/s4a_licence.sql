-- staging: s4a_licence
-- grain:   one row per (year, licence_no, annex_no, level, programme)
-- source:  form S4A.LICENCE; is_valid = in force on 1 October of the year: what was suspended, revoked or replaced later
--          still was
select
    year, region, submission, district, org_bin, licence_no, annex_no, level, programme, issued_on, valid_to,
    status, status_on, decision_no, authority_bin,
    (status = 'active' or coalesce(status_on > make_date(year, 10, 1), false)) and issued_on <= make_date(year, 10, 1)
    and (valid_to is null or valid_to >= make_date(year, 10, 1)) as is_valid
from raw.s4a_licence
