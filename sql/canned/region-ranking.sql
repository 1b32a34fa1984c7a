-- theme: rankings
-- table: X1
-- title.kk: Өңірлердің рейтингі
-- title.ru: Рейтинг регионов по показателю
-- title.en: Ranking of regions by an indicator
-- param: year int 2024
-- param: indicator text TCH-01
-- param: level text school
-- head: rank | Орын | Место | Rank
-- head: geo_code | Код | Код | Code
-- head: region | Өңір | Регион | Region
-- head: value | Мәні | Значение | Value
-- head: rank_prev | Бұрынғы орын | Прежнее место | Rank before
-- head: rank_change | Өзгеріс | Изменение | Change
-- head: coverage | Қамту | Охват | Coverage
-- head: reason | Себебі | Причина | Reason
select rank, geo_code, geo_name_en as region, round_half_away(value, 2) as value, rank_prev, rank_change, coverage, reason
from mart.ranking
where indicator = $indicator and tier = 'region' and level = $level and breakdown = 'total' and year = $year
order by rank nulls last, geo_code
