-- staging: reg_authority
-- grain:   one row per (year, bin)
-- source:  register REG.AUTHORITY
select year, region, submission, bin, kato, kind, name_kk, name_ru, name_en
from raw.reg_authority
