-- step:   all sheets of the five workbooks under one another
-- grain:  one row per (sheet, row of the sheet)
-- why:    the sheets share one layout: a line of school years (or years), then headings of
--         sections, each followed by 18 regions, then footnotes; three of them end in 2020
select
    'schools_locality' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3,
    c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23
from sheet_schools_locality
union all
select
    'schools_kind' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3, c4,
    c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23
from sheet_schools_kind
union all
select
    'pupils_kind' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3, c4, c5,
    c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23
from sheet_pupils_kind
union all
select
    'girls_kind' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3, c4, c5,
    c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23
from sheet_girls_kind
union all
select
    'pupils_locality' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3, c4,
    c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23
from sheet_pupils_locality
union all
select
    'girls_locality' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3, c4,
    c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23
from sheet_girls_locality
union all
select
    'teachers' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3, c4, c5,
    c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23
from sheet_teachers
union all
select
    'teachers_women' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3, c4,
    c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, cast(null as varchar) as
    c23
from sheet_teachers_women
union all
select
    'enrolment' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3, c4, c5,
    c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, cast(null as varchar) as c23
from sheet_enrolment
union all
select
    'enrolment_locality' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3,
    c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, cast(null as varchar)
    as c23
from sheet_enrolment_locality
union all
select
    'commissioned' as sheet, cast(row_number as int) as row_number, nullif(btrim(c1), '') as label, nullif(btrim(c2), '') as c2, c3, c4,
    c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, cast(null as varchar) as
    c23
from sheet_commissioned
