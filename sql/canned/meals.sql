-- theme: infrastructure
-- table: H4
-- title.kk: 1-4 сыныптарды тегін тамақтандыру
-- title.ru: Бесплатное питание в 1-4 классах
-- title.en: Free hot meals in grades 1 to 4
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: fed | Қамтылған | Охвачено | Fed
-- head: share | Үлесі, % | Доля, % | Share, %
-- head: urban | Қала, % | Город, % | Urban, %
-- head: rural | Ауыл, % | Село, % | Rural, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when breakdown = 'total' then cell_text(numerator, flag, 0) end), '…') as fed,
    coalesce(max(case when breakdown = 'total' then cell_text(value, flag, 1) end), '…') as share,
    coalesce(max(case when breakdown = 'locality' and locality = 'urban' then cell_text(value, flag, 1) end), '…') as urban,
    coalesce(max(case when breakdown = 'locality' and locality = 'rural' then cell_text(value, flag, 1) end), '…') as rural
from mart.indicator
where
    indicator = 'INF-06' and tier in ('region', 'republic')
    and level = 'primary' and breakdown in ('locality', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
