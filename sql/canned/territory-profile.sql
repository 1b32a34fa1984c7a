-- theme: overview
-- table: A2
-- title.kk: Аумақтың бейіні
-- title.ru: Профиль территории
-- title.en: Profile of a district or region beside its parent and the republic
-- param: year int 2024
-- param: geo text 110000000
-- head: indicator | Көрсеткіш | Показатель | Indicator
-- head: level | Деңгей | Уровень | Level
-- head: unit | Өлшем бірлігі | Единица | Unit
-- head: value | Мәні | Значение | Value
-- head: parent_value | Жоғары аумақ | Вышестоящая территория | Parent
-- head: republic_value | Республика | Республика | Republic
-- head: coverage | Қамту | Охват | Coverage
-- head: flag | Белгі | Метка | Flag
select indicator, level, unit, round_half_away(value, 2) as value, round_half_away(parent_value, 2) as parent_value,
    round_half_away(republic_value, 2) as republic_value, coverage, flag
from mart.territory_profile
where year = $year and geo_code = $geo
order by indicator
