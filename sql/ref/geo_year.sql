-- ref: geo_year
-- grain: one row per (year, tier, kato): the unit that held the code on 1 October of the year
select
    y.year, g.geo_id, g.kato, try_cast(g.kato as int) as kato_code, g.tier, g.unit_type, g.name_kk, g.name_ru, g.name_en,
    g.parent_id, g.parent_kato, g.boundary_version
from ref.geo g
join ref.year y
    on g.valid_from <= y.fixing_date and (g.valid_to is null or g.valid_to > y.fixing_date)
where g.tier <> 'republic'
