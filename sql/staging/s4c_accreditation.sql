-- staging: s4c_accreditation
-- grain:   one row per (year, org_bin, agency, certificate_no, programme)
-- source:  form S4C.ACCREDITATION; is_valid = in force on 1 October of the year
select
    year, region, submission, district, org_bin, agency, is_agency_recognised, certificate_no, kind, programme,
    valid_from, valid_to, result,
    result in ('accredited', 'conditional') and is_agency_recognised
    and valid_from <= make_date(year, 10, 1) and valid_to >= make_date(year, 10, 1) as is_valid
from raw.s4c_accreditation
