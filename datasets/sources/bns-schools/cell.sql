-- step:   every printed cell, from the long table, the workbooks and the list of 2022
-- grain:  one row per (edition, series, school_kind, locality, sex, printed region, year)
-- nulls:  value is missing where the cell holds a dash (nil) or an ellipsis (not_available)
with numbered as (
    select
        *,
        -- the section a line belongs to: the last heading above it; sheets without headings have one
        coalesce(
            last_value(case when c2 is null and label is not null then btrim(label) end) ignore nulls
                over (partition by sheet order by row_number rows between unbounded preceding and current row),
            ''
        ) as heading
    from sheet_line
),
header as (
    select
        sheet, unnest(range(1, 23)) as position,
        unnest(make_array(
            c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23
        )) as period_label
    from numbered
    where label is null and c2 like '2000%'
),
line as (
    select
        n.sheet, n.row_number, s.series, s.school_kind, s.locality, s.sex,
        btrim(replace(n.label, '*', '')) as region_name,
        n.c2, n.c3, n.c4, n.c5, n.c6, n.c7, n.c8, n.c9, n.c10, n.c11, n.c12, n.c13, n.c14, n.c15, n.c16, n.c17,
        n.c18, n.c19, n.c20, n.c21, n.c22, n.c23
    from numbered n
    -- the title of a sheet without sections is its only heading
    inner join section s on s.sheet = n.sheet and (s.heading = n.heading or nullif(s.heading, '') is null)
    where n.label is not null and n.c2 is not null
),
printed as (
    select
        sheet, row_number, series, school_kind, locality, sex, region_name, unnest(range(1, 23)) as position,
        unnest(make_array(
            c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23
        )) as raw
    from line
),
workbook as (
    select
        'bns-workbook-2000-2021' as edition,
        p.sheet || ' row ' || cast(p.row_number as varchar) as row_ref,
        p.series, p.school_kind, p.locality, p.sex, p.region_name,
        cast(substr(h.period_label, 1, 4) as int) as year, btrim(h.period_label) as period_label, btrim(p.raw) as raw
    from printed p
    inner join header h on h.sheet = p.sheet and h.position = p.position
    where nullif(btrim(h.period_label), '') is not null and nullif(btrim(p.raw), '') is not null
),
long as (
    select
        'bns-2000-2021' as edition,
        concat_ws(' ', indicator, school_kind, locality, sex, region_name_ru, year) as row_ref,
        case indicator
            when 'pupils_by_locality' then 'pupils'
            when 'schools_by_locality' then 'schools'
            when 'gross_enrolment_ratio_secondary_pct' then 'gross_enrolment_ratio_secondary'
            else indicator
        end as series,
        school_kind, locality, sex, btrim(region_name_ru) as region_name, cast(year as int) as year, period_label,
        btrim(raw) as raw
    from long_table
),
list as (
    select
        'bns-2022-20-units' as edition, "Region" as row_ref, 'schools' as series, 'all' as school_kind,
        'total' as locality, 'all' as sex, btrim("Region") as region_name, cast("Year" as int) as year,
        "Year" as period_label, btrim("Value") as raw
    from schools_2022
),
every as (
    select edition, row_ref, series, school_kind, locality, sex, region_name, year, period_label, raw from long
    union all
    select edition, row_ref, series, school_kind, locality, sex, region_name, year, period_label, raw from workbook
    union all
    select edition, row_ref, series, school_kind, locality, sex, region_name, year, period_label, raw from list
)
select
    e.edition, e.row_ref, e.series, e.school_kind, e.locality, e.sex, e.region_name, e.year, e.period_label, e.raw,
    -- a workbook keeps the binary value of a printed 103.37; six decimals are far beyond print
    cast(round(try_cast(e.raw as double), 6) as decimal(24, 6)) as value,
    case e.raw when '-' then 'nil' when '…' then 'not_available' else 'ok' end as flag,
    cast(r.kato as int) as printed_kato
from every e
left join region_code r on r.printed = e.region_name
