-- 08, class C: the profile of one school: thirty figures, every year
-- grain: one row per year; parameter :org_bin
with pupils as (
    select
        year, count(*) as learners,
        sum(case when sex = 'female' then 1 else 0 end) as female,
        sum(case when level = 'primary' then 1 else 0 end) as primary_learners,
        sum(case when level = 'basic_secondary' then 1 else 0 end) as basic_learners,
        sum(case when level = 'general_secondary' then 1 else 0 end) as general_learners,
        sum(case when language = 'kk' then 1 else 0 end) as kazakh,
        sum(case when shift > 1 then 1 else 0 end) as later_shift,
        sum(case when has_sen then 1 else 0 end) as special_needs,
        sum(case when prev_grade_result = 'repeated' then 1 else 0 end) as repeated,
        count(distinct pid) as persons
    from raw.s1_pupil
    where org_bin = :org_bin and enrol_to is null
    group by year
),
left_school as (
    select
        year, count(*) as leavers,
        sum(case when exit_reason = 'transfer' then 1 else 0 end) as transferred,
        sum(case when exit_reason = 'completed' then 1 else 0 end) as completed
    from raw.s1_pupil
    where org_bin = :org_bin and enrol_to is not null
    group by year
),
staff as (
    select
        year, count(*) as teachers, sum(rate_fte) as teachers_fte, avg(experience_years) as experience_mean,
        sum(case when sex = 'female' then 1 else 0 end) as female_teachers,
        sum(case when category in ('researcher', 'master') then 1 else 0 end) as best_category,
        sum(case when education = 'higher' then 1 else 0 end) as higher_education
    from raw.s1_staff
    where org_bin = :org_bin and is_teacher and is_main_job and left_reason is null
    group by year
),
marks as (
    select
        year, count(*) as marks, avg(mark) as mark_mean,
        sum(case when mark >= 4 then 1 else 0 end) as good_marks,
        sum(case when mark = 2 then 1 else 0 end) as failed_marks,
        avg(case when subject = 'mathematics' then mark end) as mathematics,
        avg(case when subject = 'kazakh' then mark end) as kazakh_mark,
        avg(case when subject = 'russian' then mark end) as russian_mark,
        avg(case when subject = 'english' then mark end) as english_mark
    from raw.s1_grade
    where org_bin = :org_bin and period = 'final' and mark is not null
    group by year
),
test as (
    select year, count(distinct pid) as candidates, avg(total) as total_mean, max(total) as total_best
    from raw.s7_unt
    where org_bin = :org_bin and status = 'valid'
    group by year
),
passport as (
    select year, org_type, locality, design_capacity
    from raw.s1_org
    where org_bin = :org_bin
)
select
    p.year as year, o.org_type, o.locality, o.design_capacity, p.learners, p.female, p.primary_learners,
    p.basic_learners, p.general_learners, p.kazakh, p.later_shift, p.special_needs, p.repeated, p.persons,
    l.leavers, l.transferred, l.completed,
    s.teachers, s.teachers_fte, s.experience_mean, s.female_teachers, s.best_category, s.higher_education,
    m.marks, m.mark_mean, m.good_marks, m.failed_marks, m.mathematics, m.kazakh_mark, m.russian_mark, m.english_mark,
    t.candidates, t.total_mean, t.total_best
from pupils p
left join passport o on o.year = p.year
left join left_school l on l.year = p.year
left join staff s on s.year = p.year
left join marks m on m.year = p.year
left join test t on t.year = p.year
order by year
