-- theme: pre_school
-- table: B2
-- title.kk: Мектепке дейінгі балалар: жасы және кезек
-- title.ru: Дети дошкольного возраста: возраст и очередь
-- title.en: Children in pre-school by age, and the queue
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: children | Балалар | Дети | Children
-- head: girls | Қыздар | Девочки | Girls
-- head: age_1 | 1 жас | 1 год | Age 1
-- head: age_2 | 2 жас | 2 года | Age 2
-- head: age_3 | 3 жас | 3 года | Age 3
-- head: age_4 | 4 жас | 4 года | Age 4
-- head: age_5 | 5 жас | 5 лет | Age 5
-- head: age_6 | 6 жас | 6 лет | Age 6
-- head: queue_rate | Кезек, % | Очередь, % | Queue, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'CON-01' and breakdown = 'total' then cell_text(value, flag, 0) end), '…') as children,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'sex' and sex = 'female' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as girls,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'age' and age = '1' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as age_1,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'age' and age = '2' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as age_2,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'age' and age = '3' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as age_3,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'age' and age = '4' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as age_4,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'age' and age = '5' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as age_5,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'age' and age = '6' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as age_6,
    coalesce(max(case when indicator = 'ACC-07' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as queue_rate
from mart.indicator
where
    indicator in ('CON-01', 'ACC-07') and tier in ('region', 'republic')
    and level = 'pre_school' and breakdown in ('age', 'sex', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
