-- ref: parameter_latest
-- grain: one row per name: the last value, for what has one value for all reporting years
-- source: ref.parameter
with ranked as (
    select
        name, value, unit, row_number() over (partition by name order by coalesce(valid_from_year, 0) desc) as value_rank
    from ref.parameter
)
select name, value, unit
from ranked
where value_rank = 1
