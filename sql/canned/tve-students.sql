-- theme: tve
-- table: F2
-- title.kk: ТжКБ студенттері
-- title.ru: Учащиеся ТиПО
-- title.en: TVE students by sex, language and ownership
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: students | Студенттер | Учащиеся | Students
-- head: women | Әйелдер | Женщины | Women
-- head: women_share | Әйелдер, % | Женщины, % | Women, %
-- head: kk | Қазақша | На казахском | In Kazakh
-- head: ru | Орысша | На русском | In Russian
-- head: private | Жекеменшік | Частные | Private
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'CON-01' and breakdown = 'total' then cell_text(value, flag, 0) end), '…') as students,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'sex' and sex = 'female' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as women,
    coalesce(max(case when indicator = 'CON-07' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as women_share,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'language' and language = 'kk' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as kk,
    coalesce(
        max(case when indicator = 'CON-01' and breakdown = 'language' and language = 'ru' then cell_text(value, flag, 0) end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as ru,
    coalesce(
        max(case
            when indicator = 'CON-01' and breakdown = 'ownership' and ownership = 'private'
                then cell_text(value, flag, 0)
        end),
        max(case when indicator = 'CON-01' and breakdown = 'total' and value is not null then '-' end), '…'
    ) as private
from mart.indicator
where
    indicator in ('CON-01', 'CON-07') and tier in ('region', 'republic')
    and level = 'tve' and breakdown in ('language', 'ownership', 'sex', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
