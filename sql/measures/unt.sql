-- measure: unt
-- grain:   one row per (year, region, district, org_bin, level, sex, language)
-- unit:    persons, sittings, points
-- nulls:   only valid sittings count; a person without one is not counted
-- source:  form S7.UNT; ref.unt_threshold, scope general: a subject without a minimum of its own has that of
--          profile subjects; ref.parameter unt_high_score
with sitting as (
    select
        u.year, u.region, u.district, u.org_bin, u.pid, u.sex, u.language, u.sitting_order,
        max(u.total) as total,
        min(case when u.score >= coalesce(t.min_score, f.min_score, 0) then 1 else 0 end) as subjects_met
    from staging.s7_unt u
    left join ref.unt_threshold t
        on t.year = u.year and t.scope = 'general' and t.subject = u.subject
    left join ref.unt_threshold f
        on f.year = u.year and f.scope = 'general' and f.subject = 'profile'
    where u.is_valid
    group by u.year, u.region, u.district, u.org_bin, u.pid, u.sex, u.language, u.sitting_order
),
ranked as (
    select
        *,
        row_number() over (partition by year, region, pid order by total desc, sitting_order) as sitting_rank,
        count(*) over (partition by year, region, pid) as person_sitting_count
    from sitting
)
select
    r.year, r.region, r.district, r.org_bin, 'general_secondary' as level, r.sex, r.language,
    count(*) as person_count,
    sum(r.person_sitting_count) as sitting_count,
    sum(r.total) as best_total_sum,
    sum(r.total * r.total) as best_total_square_sum,
    sum(case when r.subjects_met = 1 and r.total >= t.min_score then 1 else 0 end) as passed_count,
    sum(case when r.total >= p.value then 1 else 0 end) as high_scorer_count
from ranked r
left join ref.unt_threshold t on t.year = r.year and t.scope = 'general' and t.subject = 'total'
left join ref.parameter_year p on p.name = 'unt_high_score' and p.year = r.year
where r.sitting_rank = 1
group by r.year, r.region, r.district, r.org_bin, r.sex, r.language
