-- theme: teachers
-- table: G1
-- title.kk: Педагогтер жынысы мен жасы бойынша
-- title.ru: Педагоги по полу и возрасту
-- title.en: Teachers by sex and age
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: teachers | Педагогтер | Педагоги | Teachers
-- head: women | Әйелдер, % | Женщины, % | Women, %
-- head: aged_50 | 50 жас және үлкен, % | 50 лет и старше, % | Aged 50 and over, %
-- head: aged_50_rural | Ауыл, % | Село, % | Rural, %
-- head: pupil_teacher_ratio | Бір педагогқа оқушы | Учащихся на педагога | Pupils per teacher
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'TCH-10' and breakdown = 'total' then cell_text(denominator, flag, 0) end), '…') as teachers,
    coalesce(max(case when indicator = 'TCH-10' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as women,
    coalesce(max(case when indicator = 'TCH-06' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as aged_50,
    coalesce(
        max(case
            when indicator = 'TCH-06' and breakdown = 'locality' and locality = 'rural'
                then cell_text(value, flag, 1)
        end), '…'
    ) as aged_50_rural,
    coalesce(max(case when indicator = 'TCH-01' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as pupil_teacher_ratio
from mart.indicator
where
    indicator in ('TCH-10', 'TCH-06', 'TCH-01') and tier in ('region', 'republic')
    and level = 'school' and breakdown in ('locality', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
