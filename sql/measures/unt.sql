-- measure: unt
-- grain:   one row per (year, region, district, org_bin, level, sex, language)
-- unit:    persons, sittings, points; a person stands where the best sitting does. first = the earliest sitting of
--          the year; repeater = a person with two sittings or more; grant_applicant and grant_awarded as any of
--          the person's sittings says
-- nulls:   only valid sittings count; a person without one is not counted
-- source:  form S7.UNT; ref.unt_threshold, scope general: a subject without a minimum of its own has that of
--          profile subjects; ref.parameter unt_high_score
with sitting as (
    select
        u.year, u.region, u.district, u.org_bin, u.pid, u.sex, u.language, u.sitting_order,
        max(u.total) as total, max(case when u.grant_applied then 1 else 0 end) as grant_applied,
        max(case when u.grant_awarded then 1 else 0 end) as grant_awarded,
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
        row_number() over (
            partition by year, region, pid order by total desc, sitting_order, district, org_bin, language, sex
        ) as sitting_rank,
        count(*) over (partition by year, region, pid) as person_sitting_count,
        sum(total) over (partition by year, region, pid) as person_total_sum,
        first_value(total) over (
            partition by year, region, pid order by sitting_order, district, org_bin, language, sex
        ) as first_total,
        max(grant_applied) over (partition by year, region, pid) as is_grant_applicant,
        max(grant_applied * grant_awarded) over (partition by year, region, pid) as is_grant_awarded
    from sitting
)
select
    r.year, r.region, r.district, r.org_bin, 'general_secondary' as level, r.sex, r.language,
    count(*) as person_count,
    sum(r.person_sitting_count) as sitting_count,
    sum(r.total) as best_total_sum,
    sum(r.total * r.total) as best_total_square_sum,
    sum(r.first_total) as first_total_sum,
    sum(r.person_total_sum) as sitting_total_sum,
    sum(case when r.person_sitting_count > 1 then 1 else 0 end) as repeater_count,
    sum(case when r.person_sitting_count > 1 then r.total - r.first_total else 0 end) as gain_sum,
    sum(r.is_grant_applicant) as grant_applicant_count,
    sum(r.is_grant_awarded) as grant_awarded_count,
    sum(case when r.subjects_met = 1 and r.total >= t.min_score then 1 else 0 end) as passed_count,
    sum(case when r.total >= p.value then 1 else 0 end) as high_scorer_count
from ranked r
left join ref.unt_threshold t on t.year = r.year and t.scope = 'general' and t.subject = 'total'
left join ref.parameter_year p on p.name = 'unt_high_score' and p.year = r.year
where r.sitting_rank = 1
group by r.year, r.region, r.district, r.org_bin, r.sex, r.language
