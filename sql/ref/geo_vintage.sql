-- ref: geo_vintage
-- grain: one row per (vintage, tier, kato): the units of a vintage of the territory
select
    v.vintage, g.tier, g.geo_id, g.kato, try_cast(g.kato as int) as kato_code, g.unit_type, g.name_kk, g.name_ru, g.name_en,
    g.parent_id, g.parent_kato, try_cast(substr(g.kato, 1, 2) as int) as region
from ref.geo g
join ref.vintage v
    on g.valid_from <= v.as_of and (g.valid_to is null or g.valid_to > v.as_of)
where g.tier <> 'republic'
