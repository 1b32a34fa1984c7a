-- measure: attestation
-- grain:   one row per (year, region, district, org_bin, level)
-- unit:    organisations that went through state attestation in the year, each once, and those attested at the first
--          attempt
-- nulls:   an organisation that was not due has no row
-- source:  form S4B.ATTESTATION
select
    a.year, o.region, o.district, a.org_bin, o.main_level as level,
    max(1) as organisation_count,
    max(case when a.attempt_no = 1 and a.result = 'attested' then 1 else 0 end) as first_attempt_count
from staging.s4b_attestation a
join ref.organisation o on o.year = a.year and o.org_bin = a.org_bin
group by a.year, o.region, o.district, a.org_bin, o.main_level
