-- measure: reconstructed_cohort
-- grain:   one row per (indicator, year, tier, geo_code, level, sex, grade)
-- unit:    EFF-04 survivors of 1000 who enter a grade, EFF-08 graduates times grades over pupil-years, EFF-09
--          pupil-years over graduates
-- method:  UIS: 1000 pupils enter the first grade of a level and pass through it with the rates of promotion p and of
--          repetition r of one year; each may repeat K times in all. Who enters grade g has repeated before it any
--          number k <= K of times: N(g) = 1000 p(first)..p(g-1) (h0 + .. + hK), where hk sums all products of k rates
--          r(first)..r(g-1), with repetition: h1 = s1, h2 = (s1^2 + s2) / 2, h3 = (s1^3 + 3 s1 s2 + 2 s3) / 6 for
--          power sums s. Pupil-years of grade g: the same with r(g) among the rates; graduates: those of the last
--          grade times its p. Written for K up to 3
-- levels:  school is the nine grades of basic education; the grades after it are a cohort of their own
-- nulls:   no rows where a grade of the level had no learners the year before
-- source:  measures.flow; ref.parameter cohort_repeats
with cycle as (
    select level, grade_from, grade_to
    from ref.level
    where level in ('primary', 'basic_secondary', 'general_secondary')
    union all
    select 'school', min(grade_from), max(grade_to)
    from ref.level
    where level in ('primary', 'basic_secondary')
),
shown as (
    select 'region' as tier, true as is_by_sex union all
    select 'region', false union all
    select 'republic', true union all
    select 'republic', false
),
flow as (
    select
        f.year, v.tier, case when v.tier = 'region' then cast(f.region * 10000000 as varchar) else 'KZ' end as geo_code,
        case when v.is_by_sex then f.sex else '_T' end as sex, f.grade_number,
        cast(sum(f.base_count) as double) as base, cast(sum(f.promoted_count) as double) as promoted,
        cast(sum(f.repeated_count) as double) as repeated
    from measures.flow f
    cross join shown v
    where f.level in ('primary', 'basic_secondary', 'general_secondary')
    group by 1, 2, 3, 4, 5
),
rate as (
    select
        f.year, f.tier, f.geo_code, c.level, f.sex, f.grade_number, c.grade_from, c.grade_to, f.base,
        f.promoted / f.base as p, f.repeated / f.base as r,
        count(*) over (partition by f.year, f.tier, f.geo_code, c.level, f.sex) as grade_count
    from flow f
    join cycle c on f.grade_number between c.grade_from and c.grade_to
    where f.base > 0
),
summed as (
    select
        year, tier, geo_code, level, sex, grade_number, grade_from, grade_to, p,
        first_value(base) over upto as entrants,
        coalesce(exp(sum(ln(p)) over before), 1) as passed,
        sum(r) over upto as s1, sum(r * r) over upto as s2, sum(r * r * r) over upto as s3,
        coalesce(sum(r) over before, 0) as b1, coalesce(sum(r * r) over before, 0) as b2,
        coalesce(sum(r * r * r) over before, 0) as b3
    from rate
    where grade_count = grade_to - grade_from + 1
    window
        upto as (
            partition by year, tier, geo_code, level, sex order by grade_number
            rows between unbounded preceding and current row
        ),
        before as (
            partition by year, tier, geo_code, level, sex order by grade_number
            rows between unbounded preceding and 1 preceding
        )
),
lived as (
    select
        s.year, s.tier, s.geo_code, s.level, s.sex, s.grade_number, s.grade_from, s.grade_to, s.p, s.entrants,
        1000 * s.passed * (
            1 + case when k.value >= 1 then s.b1 else 0 end
            + case when k.value >= 2 then (s.b1 * s.b1 + s.b2) / 2 else 0 end
            + case when k.value >= 3 then (s.b1 * s.b1 * s.b1 + 3 * s.b1 * s.b2 + 2 * s.b3) / 6 else 0 end
        ) as survivors,
        1000 * s.passed * (
            1 + case when k.value >= 1 then s.s1 else 0 end
            + case when k.value >= 2 then (s.s1 * s.s1 + s.s2) / 2 else 0 end
            + case when k.value >= 3 then (s.s1 * s.s1 * s.s1 + 3 * s.s1 * s.s2 + 2 * s.s3) / 6 else 0 end
        ) as pupil_years
    from summed s
    join ref.parameter_year k on k.name = 'cohort_repeats' and k.year = s.year and k.value between 0 and 3
),
ended as (
    select
        year, tier, geo_code, level, sex, grade_number, grade_from, grade_to, entrants, survivors, pupil_years * p as graduates,
        sum(pupil_years) over (
            partition by year, tier, geo_code, level, sex order by grade_number
            rows between unbounded preceding and current row
        ) as all_pupil_years
    from lived
),
answer as (
    select
        'EFF-04' as indicator, year, tier, geo_code, level, sex, '_T' as grade, survivors as numerator, 1000.0 as denominator,
        entrants as n
    from ended
    where grade_number = grade_to
    union all
    select 'EFF-04', year, tier, geo_code, level, sex, cast(grade_number as varchar), survivors, 1000.0, entrants
    from ended
    where grade_number > grade_from
    union all
    select
        'EFF-08', year, tier, geo_code, level, sex, '_T', graduates * (grade_to - grade_from + 1), all_pupil_years, entrants
    from ended
    where grade_number = grade_to
    union all
    select 'EFF-09', year, tier, geo_code, level, sex, '_T', all_pupil_years, graduates, entrants
    from ended
    where grade_number = grade_to
)
select
    indicator, year, tier, geo_code, level, sex, '_T' as locality, '_T' as language, '_T' as ownership,
    '_T' as study_form, grade, '_T' as age, '_T' as subject, '_T' as category, numerator,
    cast(denominator as double) as denominator, cast(null as double) as value, cast(null as double) as se,
    cast(n as bigint) as n, 'ok' as flag, year_status(year) as status, 'S1' as source, cast(null as varchar) as edition,
    cast(null as date) as published_on, 0 as preference
from answer
