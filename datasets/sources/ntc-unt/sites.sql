-- form:   S7.SITE, applications, tested, below and above the threshold by exam site, 2019-2021
select
    year, kato, site_code, site_name, application_count, tested_count, below_threshold_count, passed_count,
    'ntc' as publisher, 'ntc-sites-2019-2021' as edition, cast(null as date) as published_on, 'final' as status
from site_rows
