-- measure: tve_graduate
-- grain:   one row per (year, region, district, org_bin, level, sex, language)
-- unit:    graduates, a person of several qualifications of a level once; employed = employed within the months of
--          ref.parameter after graduation, the anniversary included; obliged = without conscripts, parental leave
--          and those who continue education, who are not counted as employed either
-- nulls:   an organisation without a submission has no rows
-- source:  form S1.TVE_GRAD; ref.parameter employment_months
with qualification as (
    select
        g.year, g.region, g.district, g.org_bin, g.pid, g.level, g.sex, g.language,
        g.is_continuing or g.exempt_reason is not null as is_exempt,
        coalesce(
            12 * (date_part('year', g.employed_on) - date_part('year', g.graduated_on))
            + date_part('month', g.employed_on) - date_part('month', g.graduated_on)
            - case when date_part('day', g.employed_on) <= date_part('day', g.graduated_on) then 1 else 0 end
            < p.value,
            false
        ) as is_employed
    from staging.s1_tve_grad g
    join ref.parameter_year p on p.name = 'employment_months' and p.year = g.year
),
graduate as (
    select
        year, region, district, org_bin, pid, level, sex, language,
        max(case when is_exempt then 1 else 0 end) as is_exempt,
        max(case when is_employed then 1 else 0 end) as is_employed
    from qualification
    group by year, region, district, org_bin, pid, level, sex, language
)
select
    year, region, district, org_bin, level, sex, language,
    count(*) as graduate_count,
    sum(1 - is_exempt) as obliged_count,
    sum(case when is_exempt = 0 then is_employed else 0 end) as employed_count
from graduate
group by year, region, district, org_bin, level, sex, language
