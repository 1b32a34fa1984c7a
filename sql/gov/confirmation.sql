-- gov: confirmation
-- grain:  one row per (form, year, org_bin) that has landed, with whether its rows are signed by the head
-- nulls:  nothing is confirmed while signatures are not taken in
-- source: gov.holder
select form, year, org_bin, submission, false as is_confirmed
from gov.holder
