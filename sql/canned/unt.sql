-- theme: outcomes
-- table: C10
-- title.kk: ҰБТ нәтижелері
-- title.ru: Результаты ЕНТ по регионам
-- title.en: UNT results by region with change on the year before
-- param: year int 2024
-- head: geo_code | Код | Код | Code
-- head: region | Өңір | Регион | Region
-- head: mean_score | Орташа балл | Средний балл | Mean score
-- head: persons | Қатысушылар | Участники | Persons
-- head: change | Өзгеріс | Изменение | Change
-- head: comparable | Салыстырмалы | Сопоставимо | Comparable
-- head: break_reason | Үзіліс себебі | Причина разрыва | Break
select geo_code, geo_name_en as region, round_half_away(value, 2) as mean_score, n as persons,
    round_half_away(change, 2) as change, comparable, break_reason
from mart.dynamics
where indicator = 'UNT-03' and tier = 'region' and level = 'general_secondary' and breakdown = 'total' and year = $year
order by mean_score desc, geo_code
