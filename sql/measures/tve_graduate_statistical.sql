-- measure: tve_graduate_statistical
-- grain:   one row per (year, region, district = code of the region, level, category); level is final
-- unit:    graduates of the calendar year as state statistics count them: all of them, and those of an outcome
--          (category employed, continuing)
-- nulls:   no row of a region that publishes no number of graduates
-- source:  form S2.AGG, series tve_graduates, tve_graduates_employed, tve_graduates_continuing; the edition
--          published last wins
with edition as (
    select
        year, region, kato, level, series, value,
        row_number() over (
            partition by year, kato, level, series order by published_on desc nulls last, publisher, edition desc
        ) as edition_rank
    from staging.s2_agg
    where
        series in ('tve_graduates', 'tve_graduates_employed', 'tve_graduates_continuing') and kato > 0
        and kato % 10000000 = 0 and sex = '_T' and locality = '_T' and language = '_T' and ownership = '_T'
        and study_form = '_T' and grade = '_T' and value is not null
),
counted as (
    select
        year, region, kato, level,
        max(case when series = 'tve_graduates' then cast(round(value) as bigint) end) as graduate_count,
        max(case when series = 'tve_graduates_employed' then cast(round(value) as bigint) end) as employed_count,
        max(case when series = 'tve_graduates_continuing' then cast(round(value) as bigint) end) as continuing_count
    from edition
    where edition_rank = 1
    group by year, region, kato, level
)
select year, region, kato as district, level, 'employed' as category, graduate_count, employed_count as outcome_count
from counted
where graduate_count is not null and employed_count is not null
union all
select year, region, kato, level, 'continuing', graduate_count, continuing_count
from counted
where graduate_count is not null and continuing_count is not null
