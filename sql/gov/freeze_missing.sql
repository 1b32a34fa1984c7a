-- gov: freeze_missing
-- grain:  one row per year whose October passed without a fixing while the lake was in use
-- source: gov.freeze; Rules, paragraphs 8 and 10: data are fixed every year in October
select year, date_from, date_to, fixing_date, announced_at
from gov.freeze
where status = 'missing'
