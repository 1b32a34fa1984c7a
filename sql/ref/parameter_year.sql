-- ref: parameter_year
-- grain: one row per (name, year): the value of a parameter in force that year
select p.name, y.year, cast(p.value as double) as value
from ref.parameter p
join ref.year y
    on (p.valid_from_year is null or p.valid_from_year <= y.year)
    and (p.valid_to_year is null or p.valid_to_year >= y.year)
