-- theme: schools
-- table: C2
-- title.kk: Оқыту тілдері
-- title.ru: Языки обучения по регионам
-- title.en: Languages of instruction by region
-- param: year int 2024
-- head: geo_code | Код | Код | Code
-- head: region | Өңір | Регион | Region
-- head: language | Тілі | Язык | Language
-- head: share | Үлесі, % | Доля, % | Share, %
-- head: learners | Білім алушылар | Обучающиеся | Learners
select geo_code, geo_name_en as region, language, round_half_away(value, 1) as share, numerator as learners
from mart.indicator
where indicator = 'CON-02' and tier = 'region' and level = 'school' and breakdown = 'language' and year = $year
order by geo_code, share desc, language
