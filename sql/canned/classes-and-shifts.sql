-- theme: schools
-- table: C3
-- title.kk: Сыныптар, ауысымдар және шағын мектептер
-- title.ru: Классы, смены и малокомплектные школы
-- title.en: Class size, shifts and small-class schools
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: class_size | Сынып толымдылығы | Наполняемость класса | Class size
-- head: class_sets | Сынып-комплектілер | Класс-комплекты | Class-sets
-- head: small_class | ШЖМ, % | МКШ, % | Small-class schools, %
-- head: in_small_class | ШЖМ оқушылары, % | Учащиеся МКШ, % | Pupils in them, %
-- head: later_shift | 2-3 ауысым, % | 2-3 смены, % | Second and third shift, %
-- head: three_shifts | Үш ауысымды | Трёхсменные | Three-shift schools
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'CON-04' then cell_text(value, flag, 1) end), '…') as class_size,
    coalesce(max(case when indicator = 'CON-04' then cell_text(denominator, flag, 0) end), '…') as class_sets,
    coalesce(max(case when indicator = 'NET-02' then cell_text(value, flag, 1) end), '…') as small_class,
    coalesce(max(case when indicator = 'NET-03' then cell_text(value, flag, 1) end), '…') as in_small_class,
    coalesce(max(case when indicator = 'NET-04' then cell_text(value, flag, 1) end), '…') as later_shift,
    coalesce(max(case when indicator = 'NET-05' then cell_text(value, flag, 0) end), '…') as three_shifts
from mart.indicator
where
    indicator in ('CON-04', 'NET-02', 'NET-03', 'NET-04', 'NET-05') and tier in ('region', 'republic')
    and level = 'school' and breakdown = 'total' and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
