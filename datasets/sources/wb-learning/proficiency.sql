-- load:    shares below minimum proficiency with standard errors into S10.OBS
-- grain:   one row per country, year, test, grade, subject, measure and sex
-- unit:    percent of pupils below the minimum; depth and severity of the shortfall as index
-- nulls:   a measure that is absent has no row; PIRLS 2021 has no standard errors
-- source:  World Bank, LearningPoverty repository, MIT
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
    select countrycode, cast(year as int) as year, test, idgrade, subject, '_T' as sex,
           lower(test) || '_g' || idgrade || '_' || subject || '_nonprof' as series,
           'share_below_minimum' as concept, 'percent' as unit,
           try_cast(nonprof_all as double) as value, try_cast(se_nonprof_all as double) as se
    from proficiency
    union all
    select countrycode, cast(year as int), test, idgrade, subject, '_T',
           lower(test) || '_g' || idgrade || '_' || subject || '_fgt1',
           'depth_below_minimum', 'index',
           try_cast(fgt1_all as double), cast(null as double)
    from proficiency
    union all
    select countrycode, cast(year as int), test, idgrade, subject, '_T',
           lower(test) || '_g' || idgrade || '_' || subject || '_fgt2',
           'severity_below_minimum', 'index',
           try_cast(fgt2_all as double), cast(null as double)
    from proficiency
    union all
    select countrycode, cast(year as int) as year, test, idgrade, subject, 'female' as sex,
           lower(test) || '_g' || idgrade || '_' || subject || '_nonprof_f' as series,
           'share_below_minimum' as concept, 'percent' as unit,
           try_cast(nonprof_fe as double) as value, try_cast(se_nonprof_fe as double) as se
    from proficiency
    union all
    select countrycode, cast(year as int), test, idgrade, subject, 'female',
           lower(test) || '_g' || idgrade || '_' || subject || '_fgt1_f',
           'depth_below_minimum', 'index',
           try_cast(fgt1_fe as double), cast(null as double)
    from proficiency
    union all
    select countrycode, cast(year as int), test, idgrade, subject, 'female',
           lower(test) || '_g' || idgrade || '_' || subject || '_fgt2_f',
           'severity_below_minimum', 'index',
           try_cast(fgt2_fe as double), cast(null as double)
    from proficiency
    union all
    select countrycode, cast(year as int) as year, test, idgrade, subject, 'male' as sex,
           lower(test) || '_g' || idgrade || '_' || subject || '_nonprof_m' as series,
           'share_below_minimum' as concept, 'percent' as unit,
           try_cast(nonprof_ma as double) as value, try_cast(se_nonprof_ma as double) as se
    from proficiency
    union all
    select countrycode, cast(year as int), test, idgrade, subject, 'male',
           lower(test) || '_g' || idgrade || '_' || subject || '_fgt1_m',
           'depth_below_minimum', 'index',
           try_cast(fgt1_ma as double), cast(null as double)
    from proficiency
    union all
    select countrycode, cast(year as int), test, idgrade, subject, 'male',
           lower(test) || '_g' || idgrade || '_' || subject || '_fgt2_m',
           'severity_below_minimum', 'index',
           try_cast(fgt2_ma as double), cast(null as double)
    from proficiency
)
select
    c.year,
    c.countrycode as country,
    iso.code is null as is_aggregate,
    c.series,
    c.concept as concept,
    'primary' as level,
    '_T' as orientation,
    c.sex as sex,
    '_T' as ownership,
    '_T' as locality,
    cast(c.idgrade as int) as grade,
    -1 as age,
    -1 as age_to,
    case c.subject when 'math' then 'mathematics' when 'read' then 'reading'
         when 'scie' then 'science' else c.subject end as subject,
    c.value,
    c.se as se,
    cast(null as bigint) as n,
    c.unit as unit,
    'wb_learning' as publisher,
    'learning-poverty' as edition,
    cast(null as date) as published_on,
    case when r.is_break = 1 then 'break' else 'ok' end as flag,
    r.note as note
from cell as c
left join iso on iso.code = c.countrycode
left join round as r
    on r.countrycode = c.countrycode and r.test = c.test and r.idgrade = c.idgrade
    and r.to_year = c.year
where c.value is not null
