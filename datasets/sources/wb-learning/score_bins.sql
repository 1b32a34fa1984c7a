-- load:    mean scores and means by fifteenth of the distribution into S10.OBS
-- grain:   one row per country, year, test, grade, subject and bin; bin 0 is all pupils
-- unit:    points of the scale of the test; `n` tested pupils
-- nulls:   bins without a mean have no row (PISA 2006 reading of one country)
-- source:  World Bank, LearningPoverty repository, MIT
-- The publisher writes grade 8 for PISA, which tests an age: age 15, no grade.
with iso as (
    select distinct "ISO3166-1-Alpha-3" as code from country_code
    union
    select code from country_extra
),
spell as (
    select countrycode, test, idgrade, comparable,
           cast(split_part(spell, '-', 1) as int) as from_year,
           cast(split_part(spell, '-', 2) as int) as to_year
    from comparability
),
-- what is known of a round: a break where the round before it may not be compared
-- (rounds are four years apart in TIMSS and five in PIRLS)
round as (
    select s.countrycode, s.test, s.idgrade, s.to_year,
           max(case when s.to_year - s.from_year <= 5 and s.comparable = '0' then 1 else 0 end) as is_break,
           'comparable: ' || string_agg(
               cast(s.from_year as varchar)
               || case s.comparable when '1' then ' yes' else ' no' end,
               ', ' order by s.from_year) as note
    from spell as s
    group by s.countrycode, s.test, s.idgrade, s.to_year
),
cell as (
    select countrycode, cast(year as int) as year, assessment as test, idgrade, subject,
           cast(bin as int) as bin, survey,
           lower(assessment) || '_g' || idgrade || '_' || subject
               || case bin when '0' then '_mean' else '_bin' || lpad(bin, 2, '0') end as series,
           try_cast(m_score_bin as double) as value,
           try_cast(se_score_bin as double) as se,
           cast(try_cast(n_score_bin as double) as bigint) as n
    from score_bin
)
select
    c.year,
    c.countrycode as country,
    iso.code is null as is_aggregate,
    c.series,
    case when c.bin = 0 then 'score_mean' else 'score_mean_bin_' || lpad(cast(c.bin as varchar), 2, '0') end as concept,
    case when c.test = 'PISA' then '_T'
         when cast(c.idgrade as int) <= 6 then 'primary' else 'basic_secondary' end as level,
    '_T' as orientation,
    '_T' as sex,
    '_T' as ownership,
    '_T' as locality,
    case when c.test = 'PISA' then -1 else cast(c.idgrade as int) end as grade,
    case when c.test = 'PISA' then 15 else -1 end as age,
    case when c.test = 'PISA' then 15 else -1 end as age_to,
    case c.subject when 'math' then 'mathematics' when 'read' then 'reading'
         when 'scie' then 'science' else c.subject end as subject,
    c.value,
    c.se as se,
    c.n as n,
    'points' as unit,
    'wb_learning' as publisher,
    'score-bins' as edition,
    cast(null as date) as published_on,
    case when r.is_break = 1 then 'break' else 'ok' end as flag,
    coalesce(r.note, c.survey) as note
from cell as c
left join iso on iso.code = c.countrycode
left join round as r
    on r.countrycode = c.countrycode and r.test = c.test and r.idgrade = c.idgrade
    and r.to_year = c.year
where c.value is not null
