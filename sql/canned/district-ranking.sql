-- theme: rankings
-- table: X1
-- title.kk: Өңір аудандарының рейтингі
-- title.ru: Рейтинг районов региона
-- title.en: Ranking of the districts of a region
-- param: year int 2024
-- param: indicator text TCH-01
-- param: level text school
-- param: region text 110000000
-- head: rank_in_parent | Өңірдегі орын | Место в регионе | Rank in the region
-- head: rank | Орын | Место | Rank
-- head: geo_code | Код | Код | Code
-- head: district | Аудан | Район | District
-- head: value | Мәні | Значение | Value
-- head: rank_change | Өзгеріс | Изменение | Change
-- head: coverage | Қамту | Охват | Coverage
-- head: reason | Себебі | Причина | Reason
select rank_in_parent, rank, geo_code, geo_name_en as district, round_half_away(value, 2) as value, rank_change, coverage, reason
from mart.ranking
where indicator = $indicator and tier = 'district' and level = $level and breakdown = 'total' and year = $year
    and parent_code = $region
order by rank_in_parent nulls last, geo_code
