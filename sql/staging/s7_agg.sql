-- staging: s7_agg
-- grain:   one row per published row
-- source:  form S7.AGG
select
    year, region, submission, kato, row_type, region_name, unit_name, scale, language, locality, tested_count,
    mean_score, publisher, edition, published_on, status
from raw.s7_agg
