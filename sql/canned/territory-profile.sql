-- title.kk: Аумақтың бейіні
-- title.ru: Профиль территории
-- title.en: Profile of a district or region beside its parent and the republic
-- param: year int 2024
-- param: geo text 110000000
select indicator, level, unit, round_half_away(value, 2) as value, round_half_away(parent_value, 2) as parent_value,
    round_half_away(republic_value, 2) as republic_value, coverage, flag
from mart.territory_profile
where year = $year and geo_code = $geo
order by indicator
