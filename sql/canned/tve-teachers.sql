-- theme: tve
-- table: F5
-- title.kk: ТжКБ педагогтері
-- title.ru: Педагоги ТиПО
-- title.en: TVE teachers by education and category
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: teachers | Педагогтер | Педагоги | Teachers
-- head: higher | Жоғары білім, % | Высшее образование, % | Higher education, %
-- head: none | Санатсыз, % | Без категории, % | No category, %
-- head: pedagog | Педагог, % | Педагог, % | Pedagog, %
-- head: moderator | Модератор, % | Модератор, % | Moderator, %
-- head: expert | Сарапшы, % | Эксперт, % | Expert, %
-- head: researcher | Зерттеуші, % | Исследователь, % | Researcher, %
-- head: master | Шебер, % | Мастер, % | Master, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'TCH-03' and breakdown = 'total' then cell_text(denominator, flag, 0) end), '…') as teachers,
    coalesce(max(case when indicator = 'TCH-03' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as higher,
    coalesce(
        max(case when indicator = 'TCH-04' and breakdown = 'category' and category = 'none' then cell_text(value, flag, 1) end), '…'
    ) as none,
    coalesce(
        max(case
            when indicator = 'TCH-04' and breakdown = 'category' and category = 'pedagog'
                then cell_text(value, flag, 1)
        end), '…'
    ) as pedagog,
    coalesce(
        max(case
            when indicator = 'TCH-04' and breakdown = 'category' and category = 'moderator'
                then cell_text(value, flag, 1)
        end), '…'
    ) as moderator,
    coalesce(
        max(case
            when indicator = 'TCH-04' and breakdown = 'category' and category = 'expert'
                then cell_text(value, flag, 1)
        end), '…'
    ) as expert,
    coalesce(
        max(case
            when indicator = 'TCH-04' and breakdown = 'category' and category = 'researcher'
                then cell_text(value, flag, 1)
        end), '…'
    ) as researcher,
    coalesce(
        max(case
            when indicator = 'TCH-04' and breakdown = 'category' and category = 'master'
                then cell_text(value, flag, 1)
        end), '…'
    ) as master
from mart.indicator
where
    indicator in ('TCH-03', 'TCH-04') and tier in ('region', 'republic')
    and level = 'tve' and breakdown in ('category', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
