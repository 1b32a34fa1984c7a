-- title.kk: Өңір аудандарының рейтингі
-- title.ru: Рейтинг районов региона
-- title.en: Ranking of the districts of a region
-- param: year int 2024
-- param: indicator text TCH-01
-- param: level text school
-- param: region text 110000000
select rank_in_parent, rank, geo_code, geo_name_en as district, round_half_away(value, 2) as value, rank_change, coverage, reason
from mart.ranking
where indicator = $indicator and tier = 'district' and level = $level and breakdown = 'total' and year = $year
    and parent_code = $region
order by rank_in_parent nulls last, geo_code
