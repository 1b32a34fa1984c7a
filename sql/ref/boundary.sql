-- ref: boundary
-- grain: one row per (year, tier, geo_id): the version of the unit's boundaries in that year
-- source: ref.geo_year. In a session that shows every year in one vintage of the territory no unit changes its own
select year, geo_id, tier, boundary_version
from ref.geo_year
