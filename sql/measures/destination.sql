-- measure: destination
-- grain:   one row per (year, region, district, org_bin, level, sex, language, category); level is final
-- unit:    learners of the last grade of basic secondary education of the year before who are not in it any more, by
--          where they are seen on 1 October: grade 10, vocational education; else where their school says they went
-- place:   where the organisation is now
-- nulls:   learners of a school that did not deliver the year count only where its passport says that it is closed
-- source:  form S1.PUPIL, pseudonyms followed over a year
with step as (
    select grade_to
    from ref.level
    where level = 'basic_secondary'
),
finalist as (
    select l.year + 1 as year, l.region, l.district, l.org_bin, l.pid, l.sex, l.language
    from measures.learner l
    join step s on s.grade_to = l.grade
    where l.level = 'basic_secondary'
),
-- each pseudonym once a year
seen as (
    select
        l.year, l.pid, max(case when l.level = 'general_secondary' then 1 else 0 end) as is_in_school,
        max(case when l.level in ('tve', 'post_secondary') then 1 else 0 end) as is_in_tve,
        max(case when l.level in ('primary', 'basic_secondary') then 1 else 0 end) as is_back
    from measures.learner l
    group by l.year, l.pid
),
stated as (
    select
        year, pid, max(destination) as destination,
        max(case when exit_reason in ('emigrated', 'died') then 1 else 0 end) as is_gone
    from staging.s1_pupil
    where exit_reason is not null
    group by year, pid
),
known as (
    select year
    from staging.s1_pupil
    group by year
),
placed as (
    select
        f.year, coalesce(o.region, f.region) as region, coalesce(o.district, f.district) as district, f.org_bin, f.sex,
        f.language,
        case
            when n.is_in_school = 1 then 'grade_10'
            when n.is_in_tve = 1 then 'tve'
            else coalesce(t.destination, case when t.is_gone = 1 then 'other' end, 'unknown')
        end as category
    from finalist f
    join known k on k.year = f.year
    left join ref.organisation o on o.year = f.year and o.org_bin = f.org_bin
    left join gov.reported p on p.form = 'S1.PUPIL' and p.year = f.year and p.org_bin = f.org_bin
    left join seen n on n.year = f.year and n.pid = f.pid
    left join stated t on t.year = f.year and t.pid = f.pid
    where
        (p.org_bin is not null or not o.is_active)
        and (n.pid is null or n.is_in_school = 1 or n.is_in_tve = 1 or n.is_back = 0)
)
select
    year, region, district, org_bin, 'basic_secondary' as level, sex, language, category, count(*) as leaver_count
from placed
group by year, region, district, org_bin, sex, language, category
