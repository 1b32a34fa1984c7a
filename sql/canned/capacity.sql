-- theme: schools
-- table: C4
-- title.kk: Ауысымдар мен қуат
-- title.ru: Сменность и использование мощности
-- title.en: Shifts and capacity by region
-- param: year int 2024
-- head: geo_code | Код | Код | Code
-- head: region | Өңір | Регион | Region
-- head: later_shift_share | 2-3 ауысым, % | 2-3 смены, % | Later shifts, %
-- head: three_shift_schools | Үш ауысымды мектептер | Трёхсменные школы | Three-shift schools
-- head: capacity_utilisation | Қуат, % | Использование, % | Utilisation, %
select geo_code, geo_name_en as region,
    max(case when indicator = 'NET-04' then round_half_away(value, 1) end) as later_shift_share,
    max(case when indicator = 'NET-05' then value end) as three_shift_schools,
    max(case when indicator = 'NET-07' then round_half_away(value, 1) end) as capacity_utilisation
from mart.indicator
where indicator in ('NET-04', 'NET-05', 'NET-07') and tier = 'region' and level = 'school' and breakdown = 'total'
    and year = $year
group by geo_code, geo_name_en
order by geo_code
