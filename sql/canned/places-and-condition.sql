-- theme: schools
-- table: C4
-- title.kk: Оқушы орындары және апатты мектептер
-- title.ru: Места и аварийные школы
-- title.en: Places and schools in emergency condition
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: places | Орындар | Места | Places
-- head: pupils | Оқушылар | Учащиеся | Pupils
-- head: utilisation | Пайдалану, % | Использование, % | Utilisation, %
-- head: emergency | Апатты мектептер | Аварийные школы | Emergency condition
-- head: emergency_share | Үлесі, % | Доля, % | Share, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'NET-07' then cell_text(denominator, flag, 0) end), '…') as places,
    coalesce(max(case when indicator = 'NET-07' then cell_text(numerator, flag, 0) end), '…') as pupils,
    coalesce(max(case when indicator = 'NET-07' then cell_text(value, flag, 1) end), '…') as utilisation,
    coalesce(max(case when indicator = 'NET-08' then cell_text(value, flag, 0) end), '…') as emergency,
    coalesce(max(case when indicator = 'NET-08-SHARE' then cell_text(value, flag, 1) end), '…') as emergency_share
from mart.indicator
where
    indicator in ('NET-07', 'NET-08', 'NET-08-SHARE') and tier in ('region', 'republic')
    and level = 'school' and breakdown = 'total' and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
