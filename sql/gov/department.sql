-- gov: department
-- grain:  one row per (year, bin): departments of education in force in the year
-- nulls:  a department missing from this year's register stands with its last entry
-- source: register REG.AUTHORITY, kinds of ref.subject_kind; reporting years are those of passports, made distinct by
--         row_number as in gov.register
with numbered as (
    select year, row_number() over (partition by year) as year_row
    from staging.s1_org
),
reporting_year as (
    select year from numbered where year_row = 1
),
entry as (
    select
        a.year, a.region, a.kato, a.bin, a.kind, a.name_kk, a.name_ru, a.name_en,
        lead(a.year) over (partition by a.bin order by a.year) as next_year
    from staging.reg_authority a
    join ref.subject_kind k on k.subject_kind = a.kind
)
select
    y.year, e.region, e.kato as district, e.bin, e.kind, e.name_kk, e.name_ru, e.name_en, e.year as register_year
from entry e
join reporting_year y on y.year >= e.year and (e.next_year is null or y.year < e.next_year)
