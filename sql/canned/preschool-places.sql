-- theme: pre_school
-- table: B3
-- title.kk: Орындар және олардың толуы
-- title.ru: Места и их заполнение
-- title.en: Places and how full they are
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: places | 100 балаға орын | Мест на 100 детей | Places per 100 children
-- head: places_urban | Қала | Город | Urban
-- head: places_rural | Ауыл | Село | Rural
-- head: utilisation | Толуы, % | Заполнение, % | Utilisation, %
-- head: utilisation_urban | Қала | Город | Urban
-- head: utilisation_rural | Ауыл | Село | Rural
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'ACC-06' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as places,
    coalesce(
        max(case
            when indicator = 'ACC-06' and breakdown = 'locality' and locality = 'urban'
                then cell_text(value, flag, 1)
        end), '…'
    ) as places_urban,
    coalesce(
        max(case
            when indicator = 'ACC-06' and breakdown = 'locality' and locality = 'rural'
                then cell_text(value, flag, 1)
        end), '…'
    ) as places_rural,
    coalesce(max(case when indicator = 'NET-07' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as utilisation,
    coalesce(
        max(case
            when indicator = 'NET-07' and breakdown = 'locality' and locality = 'urban'
                then cell_text(value, flag, 1)
        end), '…'
    ) as utilisation_urban,
    coalesce(
        max(case
            when indicator = 'NET-07' and breakdown = 'locality' and locality = 'rural'
                then cell_text(value, flag, 1)
        end), '…'
    ) as utilisation_rural
from mart.indicator
where
    indicator in ('ACC-06', 'NET-07') and tier in ('region', 'republic')
    and level = 'pre_school' and breakdown in ('locality', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
