-- theme: schools
-- table: C1
-- title.kk: Мектептер желісі
-- title.ru: Сеть организаций по типам
-- title.en: Organisations by type and locality
-- param: year int 2024
-- head: org_type | Түрі | Вид | Type
-- head: locality | Орналасуы | Местность | Location
-- head: organisations | Ұйымдар | Организации | Organisations
select category as org_type, locality, value as organisations
from mart.indicator
where indicator = 'NET-01' and tier = 'republic' and level = 'all' and breakdown = 'category,locality' and year = $year
order by org_type, locality
