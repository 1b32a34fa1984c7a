-- gov: register
-- grain:  one row per (year, org_bin): organisations that owe something in the year
-- nulls:  who sent no passport this year stands with the last one, unless that one closed it
-- source: form S1.ORG
-- Years are made distinct by row_number: after a join with `select distinct year` the engine believes that year
-- determines every column of a later grouping, and drops keys from group by (tests/it/upstream.rs).
with numbered as (
    select year, row_number() over (partition by year) as year_row
    from staging.s1_org
),
reporting_year as (
    select year from numbered where year_row = 1
),
passport as (
    select
        *,
        lead(year) over (partition by org_bin order by year) as next_year
    from staging.s1_org
)
select
    y.year, p.region, p.district, p.org_bin, p.org_type, p.ownership, p.locality, p.name_kk, p.name_ru, p.name_en,
    p.year as passport_year
from passport p
join reporting_year y on y.year >= p.year and (p.next_year is null or y.year < p.next_year)
where (p.opened is null or p.opened <= make_date(y.year, 10, 1))
    and (p.closed is null or p.closed > make_date(y.year, 10, 1))
