-- measure: marks
-- grain:   one row per (year, region, district, org_bin, level, grade, sex, language)
-- unit:    pupils with at least one attested final mark
-- nulls:   a pupil without an attested final mark is not counted
-- source:  form S1.GRADE
with pupil as (
    select
        year, region, district, org_bin, pid, level, grade, sex, language,
        min(mark) as lowest_mark
    from staging.s1_grade
    where is_final_mark
    group by year, region, district, org_bin, pid, level, grade, sex, language
)
select
    year, region, district, org_bin, level, cast(grade as varchar) as grade, sex, language,
    count(*) as attested_count,
    sum(case when lowest_mark > 2 then 1 else 0 end) as progress_count,
    sum(case when lowest_mark >= 4 then 1 else 0 end) as quality_count
from pupil
group by year, region, district, org_bin, level, grade, sex, language
