-- staging: s1_methday
-- grain:   one row per (year, organiser_bin, event_id, visited_bin)
-- source:  form S1.METHDAY
select
    year, region, submission, district, organiser_bin, event_id, visited_bin, held_on, monitoring_form, topic,
    participant_count, recommendation_count, done_count, recommendations
from raw.s1_methday
