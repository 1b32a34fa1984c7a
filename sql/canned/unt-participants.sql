-- theme: outcomes
-- table: C10
-- title.kk: ҰБТ: қатысушылар, орташа балл, шекті балл
-- title.ru: ЕНТ: участники, средний балл, порог
-- title.en: UNT: participants, mean score, threshold
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: persons | Қатысушылар | Участники | Participants
-- head: sittings | Тапсыру саны | Сдачи | Sittings
-- head: mean | Орташа балл | Средний балл | Mean score
-- head: mean_kk | Қазақша | На казахском | In Kazakh
-- head: mean_ru | Орысша | На русском | In Russian
-- head: mean_urban | Қала | Город | Urban
-- head: mean_rural | Ауыл | Село | Rural
-- head: threshold | Шекті балл, % | Преодолели порог, % | Threshold, %
-- head: high | Жоғары балл, % | Высокий балл, % | High scorers, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'UNT-01' and breakdown = 'total' then cell_text(value, flag, 0) end), '…') as persons,
    coalesce(
        max(case when indicator = 'UNT-01-SITTINGS' and breakdown = 'total' then cell_text(value, flag, 0) end), '…'
    ) as sittings,
    coalesce(max(case when indicator = 'UNT-03' and breakdown = 'total' then cell_text(value, flag, 2) end), '…') as mean,
    coalesce(
        max(case when indicator = 'UNT-03' and breakdown = 'language' and language = 'kk' then cell_text(value, flag, 2) end), '…'
    ) as mean_kk,
    coalesce(
        max(case when indicator = 'UNT-03' and breakdown = 'language' and language = 'ru' then cell_text(value, flag, 2) end), '…'
    ) as mean_ru,
    coalesce(
        max(case
            when indicator = 'UNT-03' and breakdown = 'locality' and locality = 'urban'
                then cell_text(value, flag, 2)
        end), '…'
    ) as mean_urban,
    coalesce(
        max(case
            when indicator = 'UNT-03' and breakdown = 'locality' and locality = 'rural'
                then cell_text(value, flag, 2)
        end), '…'
    ) as mean_rural,
    coalesce(max(case when indicator = 'UNT-04' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as threshold,
    coalesce(max(case when indicator = 'UNT-06' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as high
from mart.indicator
where
    indicator in ('UNT-01', 'UNT-01-SITTINGS', 'UNT-03', 'UNT-04', 'UNT-06') and tier in ('region', 'republic')
    and level = 'general_secondary' and breakdown in ('language', 'locality', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
