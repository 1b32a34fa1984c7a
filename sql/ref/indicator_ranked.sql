-- ref: indicator_ranked
-- grain: one row per (code, definition version) that mart.ranking ranks: the catalogue's own and the parity indices of them
with parity as (
    select * from (values ('EQT-01'), ('EQT-02'), ('EQT-03')) as t (parity)
)
select indicator, definition_version, direction, target, decimals, min_n
from ref.indicator
where direction <> 'neutral'
union all
select concat(p.parity, ':', i.indicator), i.definition_version, 'target', 1.0, 3, i.min_n
from ref.indicator i
cross join parity p
