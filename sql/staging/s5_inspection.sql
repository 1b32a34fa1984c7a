-- staging: s5_inspection
-- grain:   one row per violation (year, inspection_no, violation_no); violation_no = 0: none was found, or the
--          inspection is only planned
-- source:  form S5.INSPECTION
select
    year, region, submission, district, inspection_no, subject_kind, subject_bin, basis, monitoring_form,
    started_on, ended_on, violation_no, norm_reference, severity, due_on, closed_on, fine_kzt, outcome,
    started_on is not null as is_held, violation_no > 0 as is_violation
from raw.s5_inspection
