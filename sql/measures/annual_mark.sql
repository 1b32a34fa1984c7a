-- measure: annual_mark
-- grain:   one row per (year, region, district, org_bin, level)
-- unit:    annual marks given, and their sum
-- nulls:   an organisation without an annual mark has no row
-- source:  form S1.GRADE, period year
select
    year, region, district, org_bin, level, count(*) as mark_count, sum(mark) as mark_sum
from staging.s1_grade
where period = 'year' and status = 'attested'
group by year, region, district, org_bin, level
