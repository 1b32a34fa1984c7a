-- theme: inclusion
-- table: C7
-- title.kk: Ерекше білім беру қажеттілігі бар оқушылар
-- title.ru: Учащиеся с особыми образовательными потребностями
-- title.en: Pupils with special educational needs
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: learners | Саны | Число | Learners
-- head: share | Үлесі, % | Доля, % | Share, %
-- head: urban | Қала, % | Город, % | Urban, %
-- head: rural | Ауыл, % | Село, % | Rural, %
-- head: pre_school | Мектепке дейін, % | Дошкольное, % | Pre-school, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when level = 'school' and breakdown = 'total' then cell_text(numerator, flag, 0) end), '…') as learners,
    coalesce(max(case when level = 'school' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as share,
    coalesce(
        max(case when level = 'school' and breakdown = 'locality' and locality = 'urban' then cell_text(value, flag, 1) end), '…'
    ) as urban,
    coalesce(
        max(case when level = 'school' and breakdown = 'locality' and locality = 'rural' then cell_text(value, flag, 1) end), '…'
    ) as rural,
    coalesce(max(case when level = 'pre_school' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as pre_school
from mart.indicator
where
    indicator = 'CON-05' and tier in ('region', 'republic')
    and level in ('school', 'pre_school') and breakdown in ('locality', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
