-- measure: sen_registered
-- grain:   one row per (year, region, district = code of the region, level); level is final
-- unit:    children with special educational needs whom psychological, medical and pedagogical consultations
--          registered, as of 1 October
-- nulls:   no row of a region that publishes no number
-- source:  form S2.AGG, series sen_registered; the edition published last wins
with edition as (
    select
        year, region, kato, level, value,
        row_number() over (
            partition by year, kato, level order by published_on desc nulls last, publisher, edition desc
        ) as edition_rank
    from staging.s2_agg
    where
        series = 'sen_registered' and kato > 0 and kato % 10000000 = 0 and level = 'all' and sex = '_T'
        and locality = '_T' and language = '_T' and ownership = '_T' and study_form = '_T' and grade = '_T'
        and value is not null
)
select year, region, kato as district, level, cast(round(value) as bigint) as registered_count
from edition
where edition_rank = 1
