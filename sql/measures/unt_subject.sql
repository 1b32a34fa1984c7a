-- measure: unt_subject
-- grain:   one row per (year, region, district, org_bin, level, sex, language, subject)
-- unit:    points of the best sitting
-- nulls:   as unt
-- source:  form S7.UNT
with best as (
    select
        year, region, district, org_bin, pid, sex, language, subject, score, score_max,
        dense_rank() over (partition by year, region, pid order by total desc, sitting_order) as sitting_rank
    from staging.s7_unt
    where is_valid
)
select
    year, region, district, org_bin, 'general_secondary' as level, sex, language, subject,
    sum(score) as score_sum,
    sum(score_max) as score_max_sum,
    count(*) as result_count
from best
where sitting_rank = 1
group by year, region, district, org_bin, sex, language, subject
