-- measure: knowledge_test
-- grain:   one row per (year, region, district, org_bin, level, sex, category = category applied for)
-- unit:    persons assessed, each once a year and region with the best outcome; passed = the score reaches the
--          threshold of the category applied for, that of heads for heads
-- nulls:   an organisation nobody of which was assessed has no row
-- source:  form S9B.CERTIFICATION, stage knowledge_test; ref.parameter ozp_pass_<category>, ozp_pass_head
with assessment as (
    select
        c.year, c.region, c.district, c.org_bin, c.tid, c.sex, c.category_applied, c.application_no, c.score_percent,
        case when c.score_percent >= p.value then 1 else 0 end as is_passed
    from staging.s9b_certification c
    join ref.parameter_year p
        on p.year = c.year
        and p.name = case when c.is_head then 'ozp_pass_head' else concat('ozp_pass_', c.category_applied) end
    where c.stage = 'knowledge_test'
),
ranked as (
    select
        *,
        row_number() over (
            partition by year, region, tid order by is_passed desc, score_percent desc, application_no
        ) as assessment_rank
    from assessment
)
select
    r.year, r.region, r.district, r.org_bin, o.main_level as level, r.sex, r.category_applied as category,
    count(*) as person_count, sum(r.is_passed) as passed_count
from ranked r
join ref.organisation o on o.year = r.year and o.org_bin = r.org_bin
where r.assessment_rank = 1
group by r.year, r.region, r.district, r.org_bin, o.main_level, r.sex, r.category_applied
