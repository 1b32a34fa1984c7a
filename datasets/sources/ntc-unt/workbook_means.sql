-- form:   S7.AGG, the same table of 2014 read from the printed workbook, an edition of its own
select
    2014 as year, kato, row_type, region_name, unit_name, '125' as scale, language, locality, tested_count, mean_score,
    'ntc' as publisher, 'ntc-workbook-2014' as edition, cast(null as date) as published_on, 'final' as status
from workbook_rows
