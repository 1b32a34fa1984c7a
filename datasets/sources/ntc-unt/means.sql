-- form:   S7.AGG, number tested and mean score as published by district, 2014-2018
-- note:   in 2017 the means were formed over fewer persons than the counts beside them
select
    year, kato, row_type, region_name, unit_name, scale, language, locality, tested_count, mean_score,
    'ntc' as publisher, 'ntc-means-2014-2018' as edition, cast(null as date) as published_on, 'final' as status
from mean_rows
