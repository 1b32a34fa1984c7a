-- ref: parameter
-- grain: one row per (name, valid_from_year): a value and the reporting years in which it holds, both inclusive
-- nulls: valid_from_year NULL = always, valid_to_year NULL = still in force
-- source: ref.parameter_default, and over it gov.parameter_change: a change holds from its year on, of two the later
--         entered; a year without any value has no row
with bound as (
    select name, coalesce(valid_from_year, 0) as from_year from ref.parameter_default
    union
    select name, valid_to_year + 1 as from_year from ref.parameter_default where valid_to_year is not null
    union
    select name, valid_from_year as from_year from gov.parameter_change
),
span as (
    select
        name as span_name, from_year, lead(from_year) over (partition by name order by from_year) - 1 as to_year
    from bound
),
changed as (
    select
        s.span_name as changed_name, s.from_year as changed_year, c.value as changed_value, c.reason,
        row_number() over (partition by s.span_name, s.from_year order by c.change desc) as change_rank
    from span s
    join gov.parameter_change c on c.name = s.span_name and c.valid_from_year <= s.from_year
),
unit as (
    select name as unit_name, min(unit) as unit
    from ref.parameter_default
    group by name
)
select
    s.span_name as name, cast(coalesce(c.changed_value, d.value) as decimal(18, 4)) as value, u.unit,
    nullif(s.from_year, 0) as valid_from_year, s.to_year as valid_to_year, coalesce(c.reason, d.source) as source
from span s
join unit u on u.unit_name = s.span_name
left join changed c on c.changed_name = s.span_name and c.changed_year = s.from_year and c.change_rank = 1
left join ref.parameter_default d
    on d.name = s.span_name and coalesce(d.valid_from_year, 0) <= s.from_year
    and (d.valid_to_year is null or d.valid_to_year >= s.from_year)
where c.changed_value is not null or d.value is not null
