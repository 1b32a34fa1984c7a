-- gov: subject
-- grain:  one row per (year, bin): the subjects of monitoring
-- source: gov.register (organisations), gov.department; paragraph 3 of the Rules
select
    year, org_bin as bin, 'organisation' as subject_kind, region, district, ownership, name_kk, name_ru, name_en
from gov.register
union all
select year, bin, kind as subject_kind, region, district, 'state' as ownership, name_kk, name_ru, name_en
from gov.department
