-- gov: suspension
-- grain:  one row per year with a suspension of updates: its first and last day
-- nulls:  no row = updates are not suspended
-- source: the announced fixings; none is announced before there is a register of fixings
select cast(null as int) as year, cast(null as date) as from_date, cast(null as date) as to_date
where false
