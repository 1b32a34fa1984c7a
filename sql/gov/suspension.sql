-- gov: suspension
-- grain:  one row per year with a suspension of updates: its first and last day
-- nulls:  no row = updates are not suspended
-- source: gov.freeze, the announced fixings
select year, date_from as from_date, date_to as to_date
from gov.freeze
where date_from is not null
