-- ref: vintage
-- grain: one row per vintage of the territory, with the day whose division it is
select v.vintage, coalesce(v.as_of, l.latest) as as_of
from ref.boundary_vintage v
cross join (
    select max(valid_from) as latest
    from ref.geo
) l
