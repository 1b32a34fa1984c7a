-- measure: factor
-- grain:   one row per (year, region, district, org_bin, level, subject = outcome, category = factor)
-- unit:    points times learners, and learners: the contribution of a factor is its coefficient times the distance
--          of the organisation from the value of comparison; for value_added, what the factors leave unexplained
-- nulls:   an organisation outside the analysis has no row
-- source:  form S3.FACTOR; of several models of an outcome in a year the last by study and model counts
with model as (
    select
        f.*, dense_rank() over (partition by year, outcome order by study_id desc, model desc) as model_rank
    from staging.s3_factor f
)
select
    m.year, m.region, m.district, m.org_bin, o.main_level as level, m.outcome as subject, m.factor as category,
    sum(m.contribution * m.learner_count) as contribution_sum,
    sum(m.learner_count) as learner_count
from model m
join ref.organisation o on o.year = m.year and o.org_bin = m.org_bin
where m.model_rank = 1
group by m.year, m.region, m.district, m.org_bin, o.main_level, m.outcome, m.factor
