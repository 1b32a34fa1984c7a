-- theme: schools
-- table: C2
-- title.kk: Оқушылар оқыту тілі мен орналасуы бойынша
-- title.ru: Учащиеся по языку обучения и местности
-- title.en: Pupils by language of instruction and location
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: pupils | Оқушылар | Учащиеся | Pupils
-- head: urban | Қала | Город | Urban
-- head: rural | Ауыл | Село | Rural
-- head: language_kk | Қазақ | Казахский | Kazakh
-- head: language_ru | Орыс | Русский | Russian
-- head: language_uz | Өзбек | Узбекский | Uzbek
-- head: language_ug | Ұйғыр | Уйгурский | Uighur
-- head: language_tg | Тәжік | Таджикский | Tajik
-- head: language_en | Ағылшын | Английский | English
-- head: language_mixed | Аралас | Смешанный | Mixed
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when breakdown = 'total' then cell_text(value, flag, 0) end), '…') as pupils,
    coalesce(
        max(case when breakdown = 'locality' and locality = 'urban' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as urban,
    coalesce(
        max(case when breakdown = 'locality' and locality = 'rural' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as rural,
    coalesce(
        max(case when breakdown = 'language' and language = 'kk' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as language_kk,
    coalesce(
        max(case when breakdown = 'language' and language = 'ru' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as language_ru,
    coalesce(
        max(case when breakdown = 'language' and language = 'uz' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as language_uz,
    coalesce(
        max(case when breakdown = 'language' and language = 'ug' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as language_ug,
    coalesce(
        max(case when breakdown = 'language' and language = 'tg' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as language_tg,
    coalesce(
        max(case when breakdown = 'language' and language = 'en' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as language_en,
    coalesce(
        max(case when breakdown = 'language' and language = 'mixed' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as language_mixed
from mart.indicator
where
    indicator = 'CON-01' and tier in ('region', 'republic')
    and level = 'school' and breakdown in ('language', 'locality', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
