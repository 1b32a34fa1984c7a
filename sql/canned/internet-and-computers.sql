-- theme: infrastructure
-- table: H1
-- title.kk: Интернет және компьютерлер
-- title.ru: Интернет и компьютеры
-- title.en: Internet and computers
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: pupils_per_computer | Бір компьютерге оқушы | Учащихся на компьютер | Pupils per computer
-- head: urban | Қала | Город | Urban
-- head: rural | Ауыл | Село | Rural
-- head: computers | Компьютерлер | Компьютеры | Computers
-- head: broadband | Кең жолақ нормасы, % | Норма скорости, % | Broadband norm, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'INF-02' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as pupils_per_computer,
    coalesce(
        max(case
            when indicator = 'INF-02' and breakdown = 'locality' and locality = 'urban'
                then cell_text(value, flag, 1)
        end), '…'
    ) as urban,
    coalesce(
        max(case
            when indicator = 'INF-02' and breakdown = 'locality' and locality = 'rural'
                then cell_text(value, flag, 1)
        end), '…'
    ) as rural,
    coalesce(max(case when indicator = 'INF-02' and breakdown = 'total' then cell_text(denominator, flag, 0) end), '…') as computers,
    coalesce(max(case when indicator = 'INF-03' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as broadband
from mart.indicator
where
    indicator in ('INF-02', 'INF-03') and tier in ('region', 'republic')
    and level = 'school' and breakdown in ('locality', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
