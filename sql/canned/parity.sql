-- theme: inclusion
-- table: C7
-- title.kk: Гендерлік паритет
-- title.ru: Паритет по полу
-- title.en: Gender parity of an indicator by region
-- param: year int 2024
-- param: indicator text GRD-02
-- head: geo_code | Код | Код | Code
-- head: region | Өңір | Регион | Region
-- head: female | Қыздар | Девочки | Girls
-- head: male | Ұлдар | Мальчики | Boys
-- head: adjusted_parity | Паритет индексі | Индекс паритета | Parity index
select geo_code, geo_name_en as region, round_half_away(numerator, 1) as female, round_half_away(denominator, 1) as male,
    round_half_away(value, 3) as adjusted_parity
from mart.indicator
where indicator = concat('EQT-01:', $indicator) and tier = 'region' and breakdown = 'total' and year = $year
    and level = 'school'
order by geo_code
