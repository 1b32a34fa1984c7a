-- measure: staff
-- grain:   one row per (year, region, district, org_bin, level, sex, age, category)
-- unit:    persons: of several positions of a teacher in an organisation the one with the largest rate counts,
--          then the alphabetically first; full-time equivalents in hundredths, so that sums are exact
--          training_known are those of whom it is reported whether they have pedagogical education; a category is
--          overdue when its last day is before 1 October
-- nulls:   as enrolment; level is the main level of the organisation
-- source:  form S1.STAFF
with position as (
    select
        *,
        row_number() over (
            partition by year, region, org_bin, tid order by case when is_counted then 0 else 1 end, rate_fte desc, position
        ) as position_rank
    from staging.s1_staff
)
select
    s.year, s.region, s.district, s.org_bin, o.main_level as level, s.sex, cast(s.age as varchar) as age, s.category,
    s.age as age_number,
    sum(case when s.is_counted and s.position_rank = 1 then 1 else 0 end) as teacher_count,
    sum(case when s.is_counted and s.position_rank = 1 and s.education = 'higher' then 1 else 0 end)
        as higher_education_count,
    sum(case when s.is_counted and s.position_rank = 1 and s.has_pedagogical_education is not null then 1 else 0 end)
        as training_known_count,
    sum(case when s.is_counted and s.position_rank = 1 and s.has_pedagogical_education then 1 else 0 end)
        as trained_count,
    sum(case when s.is_counted and s.position_rank = 1 and s.category <> 'none' then 1 else 0 end)
        as category_holder_count,
    sum(
        case
            when
                s.is_counted and s.position_rank = 1 and s.category <> 'none'
                and s.category_to < make_date(s.year, 10, 1)
            then 1
            else 0
        end
    ) as overdue_category_count,
    sum(case when s.is_teacher and s.left_reason is null then cast(s.rate_fte * 100 as bigint) else 0 end)
        as teacher_fte_hundredths
from position s
join ref.organisation o on o.year = s.year and o.org_bin = s.org_bin
group by s.year, s.region, s.district, s.org_bin, o.main_level, s.sex, s.age, s.category
