-- theme: international
-- table: I1
-- title.kk: Елдерді салыстыру
-- title.ru: Сравнение стран
-- title.en: An indicator in a group of countries
-- param: year int 2014
-- param: indicator text TCH-01
-- param: level text primary
-- param: group text CENTRAL_ASIA
-- head: geo_code | Код | Код | Code
-- head: country | Ел | Страна | Country
-- head: value | Мәні | Значение | Value
-- head: source | Дереккөз | Источник | Source
-- head: flag | Белгі | Метка | Flag
select i.geo_code, i.geo_name_en as country, round_half_away(i.value, 2) as value, i.source, i.flag
from mart.indicator i
join ref.country_group g on g.country = i.geo_code and g.group_code = $group
where i.indicator = $indicator and i.tier = 'international' and i.level = $level and i.breakdown = 'total'
    and i.year = $year
order by value desc nulls last, i.geo_code
