-- 03, class C: pupils per full-time equivalent of teachers of schools, two facts, by district and year
-- grain: one row per (year, district)
with pupils as (
    select year, district, count(*) as learners
    from raw.s1_pupil
    where enrol_to is null and level in ('primary', 'basic_secondary', 'general_secondary')
    group by year, district
),
teachers as (
    select s.year as year, s.district as district, sum(s.rate_fte) as teachers_fte
    from raw.s1_staff s
    join raw.s1_org o on o.year = s.year and o.org_bin = s.org_bin
    where s.is_teacher and s.is_main_job and s.left_reason is null
        and o.org_type in ('general', 'primary', 'basic', 'gymnasium', 'lyceum', 'boarding', 'special', 'evening')
    group by s.year, s.district
)
select
    p.year as year, p.district as district, p.learners as learners, t.teachers_fte as teachers_fte,
    cast(p.learners as double) / cast(t.teachers_fte as double) as pupils_per_teacher
from pupils p
join teachers t on t.year = p.year and t.district = p.district
order by year, district
