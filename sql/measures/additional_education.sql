-- measure: additional_education
-- grain:   one row per (year, region, district, org_bin, level, sex, language)
-- unit:    pupils who attend at least one activity, each once; pupils stated at all
-- nulls:   an organisation without a submission has no rows
-- source:  form S1.EXTRA
with pupil as (
    select
        year, region, district, org_bin, pid, level, sex, language,
        max(case when is_attended then 1 else 0 end) as is_attending
    from staging.s1_extra
    group by year, region, district, org_bin, pid, level, sex, language
)
select
    year, region, district, org_bin, level, sex, language,
    sum(is_attending) as attending_count, count(*) as stated_count
from pupil
group by year, region, district, org_bin, level, sex, language
