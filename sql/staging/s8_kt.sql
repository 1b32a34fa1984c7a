-- staging: s8_kt
-- grain:   one row per block (year, pid, wave, block)
-- source:  form S8.KT; outside the six levels of paragraph 5
select
    year, region, submission, district, pid, sex, language, wave, direction, programme_group, block, score,
    score_max, total, status,
    status = 'valid' as is_valid
from raw.s8_kt
