-- title.kk: Өңірлердің рейтингі
-- title.ru: Рейтинг регионов по показателю
-- title.en: Ranking of regions by an indicator
-- param: year int 2024
-- param: indicator text TCH-01
-- param: level text school
select rank, geo_code, geo_name_en as region, round_half_away(value, 2) as value, rank_prev, rank_change, coverage, reason
from mart.ranking
where indicator = $indicator and tier = 'region' and level = $level and breakdown = 'total' and year = $year
order by rank nulls last, geo_code
