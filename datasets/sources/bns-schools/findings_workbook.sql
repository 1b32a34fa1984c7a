-- findings: cells of the printed workbooks that the long table does not repeat
with sheet as (
    select * from cell where edition = 'bns-workbook-2000-2021'
),
long as (
    select * from cell where edition = 'bns-2000-2021'
),
pair as (
    select
        coalesce(s.row_ref || ' ' || s.period_label, l.row_ref) as row_ref, s.raw as sheet_raw, l.raw as long_raw,
        s.value as sheet_value, l.value as long_value, s.flag as sheet_flag, l.flag as long_flag
    from sheet s
    full join long l
        on l.series = s.series and l.school_kind = s.school_kind and l.locality = s.locality and l.sex = s.sex
        and l.printed_kato = s.printed_kato and l.year = s.year
),
different as (
    select
        'error' as severity, 'SRC-BNS-12' as rule, row_ref, 'value' as field, coalesce(sheet_raw, '') as value,
        'the long table has ' || coalesce(long_raw, 'no such cell') as message
    from pair
    where
        (sheet_flag is distinct from long_flag)
        or (sheet_value is distinct from long_value)
)
select severity, rule, row_ref, field, value, message from different
order by rule, row_ref, field, value
