-- ref: year
-- grain: one row per reporting year; the fixing stands as of 1 October
select cast(value as int) as year, make_date(cast(value as int), 10, 1) as fixing_date
from generate_series(1990, 2040)
