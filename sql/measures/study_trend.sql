-- measure: study_trend
-- grain:   one row per (indicator, year, country, level, sex, grade, subject, category = study, source, edition)
-- unit:    points: the mean of a cycle less that of the cycle before it in the same edition
-- nulls:   se is NULL where a mean has none. It holds the errors of both samples and the link error of the scales; a pair
--          of cycles without one in ref.study_link is flagged no_link_error, a series that its publisher broke break
-- source:  measures.country_value, ILS-01; ref.study_link
with cycle as (
    select
        year, geo_code, level, sex, grade, subject, category, source, edition, published_on, preference, value, se, n,
        flag,
        lag(year) over (
            partition by geo_code, level, sex, grade, subject, category, source, edition order by year
        ) as year_before,
        lag(value) over (
            partition by geo_code, level, sex, grade, subject, category, source, edition order by year
        ) as value_before,
        lag(se) over (
            partition by geo_code, level, sex, grade, subject, category, source, edition order by year
        ) as se_before,
        lag(flag) over (
            partition by geo_code, level, sex, grade, subject, category, source, edition order by year
        ) as flag_before
    from measures.country_value
    where indicator = 'ILS-01'
)
select
    'ILS-07' as indicator, c.year, 'international' as tier, c.geo_code, c.level, c.sex, '_T' as locality,
    '_T' as language, '_T' as ownership, '_T' as study_form, c.grade, '_T' as age, c.subject, c.category,
    cast(null as double) as numerator, cast(null as double) as denominator, c.value - c.value_before as value,
    sqrt(c.se * c.se + c.se_before * c.se_before + coalesce(l.link_error * l.link_error, 0)) as se, c.n,
    case
        when c.flag = 'break' or c.flag_before = 'break' then 'break'
        when l.link_error is null then 'no_link_error'
        else 'ok'
    end as flag,
    'final' as status, c.source, c.edition, c.published_on, c.preference
from cycle c
left join ref.study_link l
    on l.study = c.category and l.subject = c.subject and l.from_year = c.year_before and l.to_year = c.year
where c.year_before is not null
