-- step:   exam sites with the code of their region
-- grain:  one row per (year, region, site_code)
-- unit:   persons; the sites of a year count more persons than its band tables, never mix the two
select
    cast(s.year as int) as year,
    coalesce(cast(r.kato as int), 0) as kato,
    regexp_replace(btrim(s.region_name_src), '\s+', ' ', 'g') as region_name,
    btrim(s.site_code) as site_code,
    btrim(s.site_name_or_address) as site_name,
    cast(cast(s.applications as double) as bigint) as application_count,
    cast(cast(s.tested as double) as bigint) as tested_count,
    cast(cast(s.below_threshold as double) as bigint) as below_threshold_count,
    cast(cast(s.passed as double) as bigint) as passed_count
from exam_sites s
left join region_code r on r.printed = regexp_replace(btrim(s.region_name_src), '\s+', ' ', 'g')
