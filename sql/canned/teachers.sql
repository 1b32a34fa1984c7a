-- theme: teachers
-- table: G2
-- title.kk: Педагогтер
-- title.ru: Педагоги по категориям
-- title.en: Teachers by category and region
-- param: year int 2024
-- head: geo_code | Код | Код | Code
-- head: region | Өңір | Регион | Region
-- head: category | Санат | Категория | Category
-- head: share | Үлесі, % | Доля, % | Share, %
-- head: teachers | Педагогтер | Педагоги | Teachers
select geo_code, geo_name_en as region, category, round_half_away(value, 1) as share, numerator as teachers
from mart.indicator
where indicator = 'TCH-04' and tier = 'region' and level = 'school' and breakdown = 'category' and year = $year
order by geo_code, category
