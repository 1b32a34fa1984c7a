-- gov: completeness
-- grain:  one row per (form, year, region, district, subject_kind)
-- unit:   subjects
-- source: gov.obligation: who owes and who delivered are the same set, so that no share exceeds one
select
    form, year, region, district, subject_kind, count(*) as obliged_count,
    sum(case when is_reported then 1 else 0 end) as reported_count
from gov.obligation
group by form, year, region, district, subject_kind
