-- theme: schools
-- table: C1
-- title.kk: Мектептер түрлері бойынша
-- title.ru: Школы по видам и собственности
-- title.en: Schools by type and ownership
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: total | Барлығы | Всего | Total
-- head: urban | Қала | Город | Urban
-- head: rural | Ауыл | Село | Rural
-- head: state | Мемлекеттік | Государственные | State
-- head: private | Жекеменшік | Частные | Private
-- head: primary | Бастауыш | Начальные | Primary
-- head: basic | Негізгі | Основные | Basic
-- head: general | Жалпы | Средние | General
-- head: gymnasium | Гимназия | Гимназии | Gymnasium
-- head: lyceum | Лицей | Лицеи | Lyceum
-- head: special | Арнайы | Специальные | Special
-- head: boarding | Интернат | Интернаты | Boarding
-- head: evening | Кешкі | Вечерние | Evening
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
    ) as private,
    coalesce(
        max(case when breakdown = 'category' and category = 'primary' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as primary,
    coalesce(
        max(case when breakdown = 'category' and category = 'basic' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as basic,
    coalesce(
        max(case when breakdown = 'category' and category = 'general' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as general,
    coalesce(
        max(case when breakdown = 'category' and category = 'gymnasium' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as gymnasium,
    coalesce(
        max(case when breakdown = 'category' and category = 'lyceum' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as lyceum,
    coalesce(
        max(case when breakdown = 'category' and category = 'special' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as special,
    coalesce(
        max(case when breakdown = 'category' and category = 'boarding' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as boarding,
    coalesce(
        max(case when breakdown = 'category' and category = 'evening' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as evening
from mart.indicator
where
    indicator = 'NET-01' and tier in ('region', 'republic')
    and level = 'school' and breakdown in ('category', 'locality', 'ownership', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
