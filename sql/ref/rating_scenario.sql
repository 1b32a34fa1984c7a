-- ref: rating_scenario
-- grain: one row per (rating, scenario, indicator, level): the weight of a component when weights are moved
-- unit:  weights as in ref.rating_weight; scenario base is as given, +X and -X move one weight up and down by the parameter
--        rating_weight_move, +X -Y two in opposite directions
with component as (
    select rating, indicator, level, weight, concat(indicator, ' ', level) as component
    from ref.rating_weight
),
scenario as (
    select rating, 'base' as scenario, '' as up, '' as down
    from ref.rating
    union all
    select rating, concat('+', component), component, ''
    from component
    union all
    select rating, concat('-', component), '', component
    from component
    union all
    select a.rating, concat('+', a.component, ' -', b.component), a.component, b.component
    from component a
    join component b on b.rating = a.rating and b.component <> a.component
)
select
    s.rating, s.scenario, c.indicator, c.level, c.weight as base_weight,
    case c.component
        when s.up then c.weight * (1 + p.weight_move)
        when s.down then c.weight * (1 - p.weight_move)
        else c.weight
    end as weight
from scenario s
join component c on c.rating = s.rating
cross join (
    select cast(value as double) as weight_move
    from ref.parameter_latest
    where name = 'rating_weight_move'
) p
