-- gov: reported
-- grain: one row per (form, year, org_bin) that has landed
-- source: gov.scope, the scopes of accepted submissions
select distinct form, year, org_bin
from gov.scope
where org_bin is not null
