-- theme: schools
-- table: C6
-- title.kk: Келесі деңгейге өту
-- title.ru: Переход на следующий уровень
-- title.en: Transition to the next level
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: from_primary | Бастауыштан, % | Из начальной, % | From primary, %
-- head: from_basic | Негізгіден, % | Из основной, % | From basic secondary, %
-- head: from_basic_girls | Қыздар, % | Девочки, % | Girls, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when level = 'primary' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as from_primary,
    coalesce(max(case when level = 'basic_secondary' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as from_basic,
    coalesce(
        max(case when level = 'basic_secondary' and breakdown = 'sex' and sex = 'female' then cell_text(value, flag, 1) end), '…'
    ) as from_basic_girls
from mart.indicator
where
    indicator = 'EFF-06' and tier in ('region', 'republic')
    and level in ('primary', 'basic_secondary') and breakdown in ('sex', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
