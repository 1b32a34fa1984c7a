-- measure: country_value
-- grain:   one row per (indicator, year, country, level, sex, grade, subject, category, source, edition)
-- unit:    that of the indicator; value is NULL where it is numerator * scale / denominator
-- nulls:   a count that is not published, or a denominator of nil, gives no row; n is the denominator
--          (persons; teachers in TCH-01 and TCH-10), NULL for counts and for rates as printed
-- source:  form S10.OBS: UNESCO UIS, UIS SDG 4, World Bank EdStats and LearningPoverty, OECD PISA
-- Choices:
-- * From counts: ACC-01, ACC-09, CON-01, CON-03, CON-07, TCH-01, TCH-10, EFF-10. The same rates as the
--   publisher prints them stand beside them as edition '<edition>-published' (SDG 4 has no counts and
--   keeps its name) and fill cells without counts. EdStats has no population by level, so its ACC-01 is
--   as printed only.
-- * As printed only: ACC-05, ACC-08, ACC-10, ACC-11, ACC-12, FIN-03-PPP, FIN-04, INF-01A to INF-01G.
-- * Order of preference: UIS counts 0, UIS rates 1, SDG 4 rates 2, EdStats counts 3, EdStats rates 4.
-- * All programmes together (orientation _T). Male is both sexes less female where no male count exists.
-- * UIS forms ISCED 1-2, 1-3 and 1-8 by adding levels; ISCED 4 has learners but no population there.
-- * EFF-10 stands under the later year and the grade left, within primary education.
-- * EFF-02 of lower secondary is published for general programmes only and stays out; FIN-01 and
--   FIN-02 are those of all levels.
-- * ILS-01: category is the study. Grade is _T for the grade a study is made for (TIMSS 4 and 8,
--   PIRLS 4, LLECE, PASEC and SACMEQ 6; PISA: age 15) and named where a country tested another.
--   Order: means with standard errors 0, OECD table 1, PISA means 2, EdStats 3.
-- * Gender parity is computed over the rows by sex and is no row here.
with head_count as (
    select publisher, edition, published_on, year, country, concept, level, sex, ownership, grade, value
    from staging.s10_obs
    where
        publisher in ('uis', 'wb_edstats') and concept in ('enrolment', 'new_entrants', 'teachers', 'population')
        and orientation = '_T' and locality = '_T' and age = '_T'
),
learner as (
    select
        publisher, edition, published_on, year, country, level,
        max(case when sex = '_T' and ownership = '_T' then value end) as learners,
        max(case when sex = 'female' and ownership = '_T' then value end) as female_learners,
        max(case when sex = 'male' and ownership = '_T' then value end) as male_learners,
        max(case when sex = '_T' and ownership = 'private' then value end) as private_learners
    from head_count
    where concept = 'enrolment' and grade = '_T'
    group by publisher, edition, published_on, year, country, level
),
teacher as (
    select
        publisher, edition, published_on, year, country, level,
        max(case when sex = '_T' then value end) as teachers,
        max(case when sex = 'female' then value end) as female_teachers
    from head_count
    where concept = 'teachers' and ownership = '_T'
    group by publisher, edition, published_on, year, country, level
),
-- population of the official age of a level
population as (
    select
        edition, year, country, level,
        max(case when sex = '_T' then value end) as persons,
        max(case when sex = 'female' then value end) as female_persons,
        max(case when sex = 'male' then value end) as male_persons
    from head_count
    where concept = 'population' and grade = '_T' and level <> '_T'
    group by edition, year, country, level
),
-- new entrants to grade 1 and the population of the entry age
intake as (
    select
        publisher, edition, published_on, year, country, level,
        max(case when concept = 'new_entrants' and sex = '_T' then value end) as entrants,
        max(case when concept = 'new_entrants' and sex = 'female' then value end) as female_entrants,
        max(case when concept = 'new_entrants' and sex = 'male' then value end) as male_entrants,
        max(case when concept = 'population' and sex = '_T' then value end) as persons,
        max(case when concept = 'population' and sex = 'female' then value end) as female_persons,
        max(case when concept = 'population' and sex = 'male' then value end) as male_persons
    from head_count
    where concept in ('new_entrants', 'population') and level = 'primary' and grade = '1'
    group by publisher, edition, published_on, year, country, level
),
gross as (
    select
        l.publisher, l.edition, l.published_on, l.year, l.country, l.level, l.learners, l.female_learners,
        coalesce(l.male_learners, l.learners - l.female_learners) as male_learners,
        p.persons, p.female_persons, p.male_persons
    from learner l
    left join population p
        on p.edition = l.edition and p.year = l.year and p.country = l.country and p.level = l.level
),
level_part as (
    select 'isced_1t2' as level, 'primary' as part, 2 as part_count, 2 as population_count union all
    select 'isced_1t2', 'basic_secondary', 2, 2 union all
    select 'isced_1t3', 'primary', 2, 2 union all
    select 'isced_1t3', 'isced_2_3', 2, 2 union all
    select 'isced_1t8', 'primary', 4, 3 union all
    select 'isced_1t8', 'isced_2_3', 4, 3 union all
    select 'isced_1t8', 'isced_4', 4, 3 union all
    select 'isced_1t8', 'isced_5t8', 4, 3
),
-- a sum stands only where every part is published; counts of aggregates have up to five decimals and
-- are summed as decimals, so that the order of rows changes nothing
gross_sum as (
    select
        g.publisher, g.edition, g.published_on, g.year, g.country, c.level,
        case when count(g.learners) = c.part_count then sum(cast(g.learners as decimal(24, 6))) end as learners,
        case
            when count(g.female_learners) = c.part_count then sum(cast(g.female_learners as decimal(24, 6)))
        end as female_learners,
        case
            when count(g.male_learners) = c.part_count then sum(cast(g.male_learners as decimal(24, 6)))
        end as male_learners,
        case
            when count(case when g.level <> 'isced_4' then g.persons end) = c.population_count
            then sum(case when g.level <> 'isced_4' then cast(g.persons as decimal(24, 6)) end)
        end as persons,
        case
            when count(case when g.level <> 'isced_4' then g.female_persons end) = c.population_count
            then sum(case when g.level <> 'isced_4' then cast(g.female_persons as decimal(24, 6)) end)
        end as female_persons,
        case
            when count(case when g.level <> 'isced_4' then g.male_persons end) = c.population_count
            then sum(case when g.level <> 'isced_4' then cast(g.male_persons as decimal(24, 6)) end)
        end as male_persons
    from gross g
    join level_part c on c.part = g.level
    where g.publisher = 'uis'
    group by
        g.publisher, g.edition, g.published_on, g.year, g.country, c.level, c.part_count, c.population_count
),
enrolled as (
    select
        publisher, edition, published_on, year, country, level, learners, female_learners, male_learners, persons,
        female_persons, male_persons
    from gross
    where publisher = 'uis'
    union all
    select
        publisher, edition, published_on, year, country, level, cast(learners as double),
        cast(female_learners as double), cast(male_learners as double), cast(persons as double),
        cast(female_persons as double), cast(male_persons as double)
    from gross_sum
),
staffed as (
    select
        t.publisher, t.edition, t.published_on, t.year, t.country, t.level, l.learners, t.teachers,
        t.female_teachers
    from teacher t
    left join learner l
        on l.edition = t.edition and l.year = t.year and l.country = t.country and l.level = t.level
),
grade_count as (
    select
        publisher, edition, published_on, year, country, level, try_cast(grade as int) as grade_number,
        value as learners
    from head_count
    where concept = 'enrolment' and level = 'primary' and sex = '_T' and ownership = '_T' and grade <> '_T'
),
progression as (
    select
        a.publisher, a.edition, a.published_on, a.year, a.country, a.level,
        cast(b.grade_number as varchar) as grade, a.learners, b.learners as learners_before
    from grade_count a
    join grade_count b
        on b.edition = a.edition and b.country = a.country and b.year = a.year - 1
        and b.grade_number = a.grade_number - 1
),
rate as (
    select
        publisher, edition, published_on, year, country, concept, level, sex, grade, value, flag,
        case publisher when 'uis' then 1 when 'uis_sdg4' then 2 else 4 end as preference
    from staging.s10_obs
    where
        publisher in ('uis', 'uis_sdg4', 'wb_edstats') and concept like 'published:%' and orientation = '_T'
        and ownership = '_T' and locality = '_T' and age = '_T'
),
-- rates that are also formed from counts
printed as (
    select
        publisher, case publisher when 'uis_sdg4' then edition else concat(edition, '-published') end as edition,
        published_on, year, country, concept, level, sex, grade, value, flag, preference
    from rate
    where grade = '_T'
),
score as (
    select
        publisher, edition, published_on, year, country, level, sex, grade, subject, value, se, n, flag,
        case split_part(series, '_', 1) when 'lo' then split_part(series, '_', 2) else split_part(series, '_', 1) end
        as study
    from staging.s10_obs
    where publisher in ('wb_learning', 'wb_edstats', 'pisa') and concept = 'score_mean'
),
answer as (
    select
        'ACC-01' as indicator, publisher as source, edition, published_on, year, country, level, '_T' as sex,
        '_T' as grade, '_T' as subject, '_T' as category, learners as numerator, persons as denominator,
        cast(null as double) as value, cast(null as double) as se, cast(round(persons) as bigint) as n,
        'ok' as flag, 0 as preference
    from enrolled
    where learners is not null and persons > 0
    union all
    select
        'ACC-01', publisher, edition, published_on, year, country, level, 'female', '_T', '_T', '_T', female_learners,
        female_persons, null, null, cast(round(female_persons) as bigint), 'ok', 0
    from enrolled
    where female_learners is not null and female_persons > 0
    union all
    select
        'ACC-01', publisher, edition, published_on, year, country, level, 'male', '_T', '_T', '_T', male_learners,
        male_persons, null, null, cast(round(male_persons) as bigint), 'ok', 0
    from enrolled
    where male_learners is not null and male_persons > 0
    union all
    select
        'ACC-01', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from printed
    where concept = 'published:ACC-01'
    union all
    select
        'ACC-02', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:ACC-02'
    union all
    select
        'ACC-NER', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:ACC-NER'
    union all
    select
        'ACC-09', publisher, edition, published_on, year, country, level, '_T', '_T', '_T', '_T', entrants, persons,
        null, null, cast(round(persons) as bigint), 'ok', case publisher when 'uis' then 0 else 3 end
    from intake
    where entrants is not null and persons > 0
    union all
    select
        'ACC-09', publisher, edition, published_on, year, country, level, 'female', '_T', '_T', '_T', female_entrants,
        female_persons, null, null, cast(round(female_persons) as bigint), 'ok',
        case publisher when 'uis' then 0 else 3 end
    from intake
    where female_entrants is not null and female_persons > 0
    union all
    select
        'ACC-09', publisher, edition, published_on, year, country, level, 'male', '_T', '_T', '_T',
        coalesce(male_entrants, entrants - female_entrants), male_persons, null, null,
        cast(round(male_persons) as bigint), 'ok', case publisher when 'uis' then 0 else 3 end
    from intake
    where coalesce(male_entrants, entrants - female_entrants) is not null and male_persons > 0
    union all
    select
        'ACC-09', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from printed
    where concept = 'published:ACC-09' and level = 'primary'
    union all
    select
        'CON-01', publisher, edition, published_on, year, country, level, '_T', '_T', '_T', '_T', learners, null,
        learners as value, null, null, 'ok', case publisher when 'uis' then 0 else 3 end
    from learner
    where learners is not null
    union all
    select
        'CON-01', publisher, edition, published_on, year, country, level, 'female', '_T', '_T', '_T', female_learners,
        null, female_learners as value, null, null, 'ok', case publisher when 'uis' then 0 else 3 end
    from learner
    where female_learners is not null
    union all
    select
        'CON-01', publisher, edition, published_on, year, country, level, 'male', '_T', '_T', '_T',
        coalesce(male_learners, learners - female_learners), null,
        coalesce(male_learners, learners - female_learners) as value, null, null, 'ok',
        case publisher when 'uis' then 0 else 3 end
    from learner
    where coalesce(male_learners, learners - female_learners) is not null
    union all
    select
        'CON-03', publisher, edition, published_on, year, country, level, '_T', '_T', '_T', '_T', private_learners,
        learners, null, null, cast(round(learners) as bigint), 'ok', case publisher when 'uis' then 0 else 3 end
    from learner
    where private_learners is not null and learners > 0
    union all
    select
        'CON-03', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from printed
    where concept = 'published:CON-03'
    union all
    select
        'CON-07', publisher, edition, published_on, year, country, level, '_T', '_T', '_T', '_T', female_learners,
        learners, null, null, cast(round(learners) as bigint), 'ok', case publisher when 'uis' then 0 else 3 end
    from learner
    where female_learners is not null and learners > 0
    union all
    select
        'CON-07', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from printed
    where concept = 'published:CON-07'
    union all
    select
        'TCH-01', publisher, edition, published_on, year, country, level, '_T', '_T', '_T', '_T', learners, teachers,
        null, null, cast(round(teachers) as bigint), 'ok', case publisher when 'uis' then 0 else 3 end
    from staffed
    where learners is not null and teachers > 0
    union all
    select
        'TCH-01', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from printed
    where concept = 'published:TCH-01'
    union all
    select
        'TCH-10', publisher, edition, published_on, year, country, level, '_T', '_T', '_T', '_T', female_teachers,
        teachers, null, null, cast(round(teachers) as bigint), 'ok', case publisher when 'uis' then 0 else 3 end
    from teacher
    where female_teachers is not null and teachers > 0
    union all
    select
        'TCH-10', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from printed
    where concept = 'published:TCH-10'
    union all
    select
        'TCH-02', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:TCH-02' and grade = '_T'
    union all
    select
        'TCH-03', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:TCH-03' and grade = '_T'
    union all
    select
        'TCH-07', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:TCH-07' and grade = '_T'
    union all
    select
        'TCH-09-SDG', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:TCH-09-SDG' and grade = '_T'
    union all
    select
        'SOC-03', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:SOC-03' and grade = '_T'
    union all
    select
        'EFF-02', publisher, edition, published_on, year, country, level, sex, grade, '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:EFF-02'
    union all
    select
        'EFF-10', publisher, edition, published_on, year, country, level, '_T', grade, '_T', '_T', learners,
        learners_before, null, null, cast(round(learners_before) as bigint), 'ok',
        case publisher when 'uis' then 0 else 3 end
    from progression
    where learners_before > 0
    union all
    select
        split_part(concept, ':', 2), publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null,
        null, value, null, null, flag, preference
    from rate
    where
        grade = '_T'
        and concept in (
            'published:ACC-05', 'published:ACC-08', 'published:ACC-10', 'published:ACC-11', 'published:ACC-12',
            'published:FIN-04', 'published:INF-01A', 'published:INF-01B', 'published:INF-01C', 'published:INF-01D',
            'published:INF-01E', 'published:INF-01F', 'published:INF-01G'
        )
    union all
    select
        'FIN-03-PPP', publisher, edition, published_on, year, country, level, sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where grade = '_T' and concept = 'published:FIN-03P'
    union all
    select
        'FIN-01', publisher, edition, published_on, year, country, 'all', sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:FIN-01' and level = '_T'
    union all
    select
        'FIN-02', publisher, edition, published_on, year, country, 'all', sex, '_T', '_T', '_T', null, null, value,
        null, null, flag, preference
    from rate
    where concept = 'published:FIN-02' and level = '_T'
    union all
    select
        'ILS-01', case publisher when 'pisa' then 'oecd' else publisher end, edition, published_on, year, country,
        case study when 'pisa' then 'basic_secondary' else level end, sex,
        case
            when study in ('timss', 'pirls') and grade in ('4', '8') then '_T'
            when study in ('llece', 'pasec', 'sacmeq') and grade = '6' then '_T'
            else grade
        end,
        subject, study, null, null, value, se, n, flag,
        case edition
            when 'score-bins' then 0
            when 'pisa-2022-kaz-tables' then 1
            when 'pisa-means-levels' then 2
            else 3
        end
    from score
)
select
    indicator, year, 'international' as tier, country as geo_code, level, sex, '_T' as locality, '_T' as language,
    '_T' as ownership, '_T' as study_form, grade, '_T' as age, subject, category, numerator, denominator, value, se, n,
    flag, 'final' as status, source, edition, published_on, cast(preference as int) as preference
from answer
