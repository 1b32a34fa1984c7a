-- theme: tve
-- table: F1
-- title.kk: ТжКБ ұйымдары
-- title.ru: Организации ТиПО
-- title.en: TVE organisations
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: total | Барлығы | Всего | Total
-- head: urban | Қала | Город | Urban
-- head: rural | Ауыл | Село | Rural
-- head: state | Мемлекеттік | Государственные | State
-- head: private | Жекеменшік | Частные | Private
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when breakdown = 'total' then cell_text(value, flag, 0) end), '…') as total,
    coalesce(
        max(case when breakdown = 'locality' and locality = 'urban' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as urban,
    coalesce(
        max(case when breakdown = 'locality' and locality = 'rural' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as rural,
    coalesce(
        max(case when breakdown = 'ownership' and ownership = 'state' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as state,
    coalesce(
        max(case when breakdown = 'ownership' and ownership = 'private' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as private
from mart.indicator
where
    indicator = 'NET-01' and tier in ('region', 'republic')
    and level = 'tve' and breakdown in ('locality', 'ownership', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
