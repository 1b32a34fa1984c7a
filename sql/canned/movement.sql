-- theme: schools
-- table: C5
-- title.kk: Оқушылар қозғалысы және қайта оқу
-- title.ru: Движение учащихся и второгодники
-- title.en: Movement of pupils and repeaters
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: net_movement | Таза қозғалыс, % | Чистое движение, % | Net movement, %
-- head: moved | Келген минус кеткен | Прибыло минус выбыло | Arrived less left
-- head: repetition | Қайта оқу, % | Второгодники, % | Repetition, %
-- head: repeaters | Қайта оқушылар | Второгодники | Repeaters
-- head: repetition_girls | Қыздар, % | Девочки, % | Girls, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'CON-06' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as net_movement,
    coalesce(max(case when indicator = 'CON-06' and breakdown = 'total' then cell_text(numerator, flag, 0) end), '…') as moved,
    coalesce(max(case when indicator = 'EFF-02' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as repetition,
    coalesce(max(case when indicator = 'EFF-02' and breakdown = 'total' then cell_text(numerator, flag, 0) end), '…') as repeaters,
    coalesce(
        max(case when indicator = 'EFF-02' and breakdown = 'sex' and sex = 'female' then cell_text(value, flag, 1) end), '…'
    ) as repetition_girls
from mart.indicator
where
    indicator in ('CON-06', 'EFF-02') and tier in ('region', 'republic')
    and level = 'school' and breakdown in ('sex', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
