-- staging: s7_site
-- grain:   one row per (year, publisher, edition, kato, site_code)
-- unit:    persons
-- source:  form S7.SITE
select
    year, region, submission, kato, site_code, site_name, application_count, tested_count, below_threshold_count,
    passed_count, publisher, edition, published_on, status
from raw.s7_site
