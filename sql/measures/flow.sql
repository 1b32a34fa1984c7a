-- measure: flow
-- grain:   one row per (year, region, district, org_bin, level, grade, sex); grade and level are those left
-- unit:    learners of the year before, and of them who went on and who repeats in this year. Went on: learners of the
--          next grade who do not repeat it; of the last grade of basic and of general secondary education: who left it
--          with a certificate, or was in the organisation already and is in its next grade. A course of a college
--          counts where the nominal duration says that another follows
-- place:   the year before counts where the organisation is now
-- nulls:   learners of the year before of an organisation that did not deliver this year count only where its passport
--          says that it is closed; who is in an organisation that worked and did not deliver the year before does not;
--          no rows of a year whose preceding year is not in the lake
-- source:  form S1.PUPIL; grades of ref.level; passports of S1.ORG
with step as (
    select
        level, grade_from, grade_to,
        level in ('basic_secondary', 'general_secondary') as is_certified
    from ref.level
    where level in ('primary', 'basic_secondary', 'general_secondary')
),
silent as (
    select o.year, o.org_bin
    from ref.organisation o
    left join gov.reported p on p.form = 'S1.PUPIL' and p.year = o.year and p.org_bin = o.org_bin
    where o.is_active and p.org_bin is null
),
known as (
    select year + 1 as year
    from staging.s1_pupil
    group by year
),
base as (
    select
        l.year + 1 as year, coalesce(o.region, l.region) as region, coalesce(o.district, l.district) as district,
        l.org_bin, l.level, l.grade, l.sex, 1 as base_count, 0 as promoted_count, 0 as repeated_count
    from measures.learner l
    left join step s on s.level = l.level and l.grade between s.grade_from and s.grade_to
    left join ref.organisation o on o.year = l.year + 1 and o.org_bin = l.org_bin
    left join gov.reported p on p.form = 'S1.PUPIL' and p.year = l.year + 1 and p.org_bin = l.org_bin
    where
        (p.org_bin is not null or not o.is_active)
        and (s.level is not null or (l.level = 'tve' and coalesce(l.grade < l.nominal_years, false)))
),
-- rows of the year as facts about the grade before it
arrived as (
    select l.year, l.region, l.district, l.org_bin, s.level, l.grade - 1 as grade, l.sex
    from measures.learner l
    join step s on l.grade - 1 between s.grade_from and s.grade_to
    where
        l.level in ('primary', 'basic_secondary', 'general_secondary') and not l.is_repeater
        and (
            not (s.is_certified and l.grade - 1 = s.grade_to)
            or l.enrol_from <= make_date(cast(l.year as int) - 1, 10, 1)
        )
    union all
    select l.year, l.region, l.district, l.org_bin, l.level, l.grade - 1, l.sex
    from measures.learner l
    where l.level = 'tve' and l.grade between 2 and l.nominal_years and not l.is_repeater
    union all
    select p.year, p.region, p.district, p.org_bin, p.level, p.grade, p.sex
    from (
        select distinct year, region, district, org_bin, pid, level, grade, sex
        from staging.s1_pupil
        where
            exit_reason = 'completed' and enrol_to > make_date(cast(year as int) - 1, 10, 1)
            and enrol_to <= make_date(cast(year as int), 10, 1)
    ) p
    join step s on s.level = p.level and s.is_certified and p.grade = s.grade_to
),
repeating as (
    select l.year, l.region, l.district, l.org_bin, l.level, l.grade, l.sex
    from measures.learner l
    left join step s on s.level = l.level and l.grade between s.grade_from and s.grade_to
    where
        l.is_repeater
        and (s.level is not null or (l.level = 'tve' and coalesce(l.grade < l.nominal_years, false)))
),
seen as (
    select year, region, district, org_bin, level, grade, sex, 0 as base_count, 1 as promoted_count, 0 as repeated_count
    from arrived
    union all
    select year, region, district, org_bin, level, grade, sex, 0, 0, 1
    from repeating
),
part as (
    select * from base
    union all
    select n.*
    from seen n
    join known k on k.year = n.year
    left join silent t on t.year = n.year - 1 and t.org_bin = n.org_bin
    where t.org_bin is null
)
select
    year, region, district, org_bin, level, cast(grade as varchar) as grade, sex, grade as grade_number,
    sum(base_count) as base_count, sum(promoted_count) as promoted_count, sum(repeated_count) as repeated_count
from part
group by year, region, district, org_bin, level, grade, sex
