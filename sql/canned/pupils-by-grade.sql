-- theme: schools
-- table: C2
-- title.kk: Оқушылар сыныптар бойынша
-- title.ru: Учащиеся по классам
-- title.en: Pupils by grade
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: pupils | Оқушылар | Учащиеся | Pupils
-- head: girls | Қыздар | Девочки | Girls
-- head: grade_1 | 1-сынып | 1 класс | Grade 1
-- head: grade_2 | 2-сынып | 2 класс | Grade 2
-- head: grade_3 | 3-сынып | 3 класс | Grade 3
-- head: grade_4 | 4-сынып | 4 класс | Grade 4
-- head: grade_5 | 5-сынып | 5 класс | Grade 5
-- head: grade_6 | 6-сынып | 6 класс | Grade 6
-- head: grade_7 | 7-сынып | 7 класс | Grade 7
-- head: grade_8 | 8-сынып | 8 класс | Grade 8
-- head: grade_9 | 9-сынып | 9 класс | Grade 9
-- head: grade_10 | 10-сынып | 10 класс | Grade 10
-- head: grade_11 | 11-сынып | 11 класс | Grade 11
-- head: grade_12 | 12-сынып | 12 класс | Grade 12
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when breakdown = 'total' then cell_text(value, flag, 0) end), '…') as pupils,
    coalesce(
        max(case when breakdown = 'sex' and sex = 'female' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as girls,
    coalesce(
        max(case when breakdown = 'grade' and grade = '1' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_1,
    coalesce(
        max(case when breakdown = 'grade' and grade = '2' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_2,
    coalesce(
        max(case when breakdown = 'grade' and grade = '3' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_3,
    coalesce(
        max(case when breakdown = 'grade' and grade = '4' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_4,
    coalesce(
        max(case when breakdown = 'grade' and grade = '5' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_5,
    coalesce(
        max(case when breakdown = 'grade' and grade = '6' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_6,
    coalesce(
        max(case when breakdown = 'grade' and grade = '7' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_7,
    coalesce(
        max(case when breakdown = 'grade' and grade = '8' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_8,
    coalesce(
        max(case when breakdown = 'grade' and grade = '9' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_9,
    coalesce(
        max(case when breakdown = 'grade' and grade = '10' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_10,
    coalesce(
        max(case when breakdown = 'grade' and grade = '11' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_11,
    coalesce(
        max(case when breakdown = 'grade' and grade = '12' then cell_text(value, flag, 0) end),
        max(case when breakdown = 'total' and value is not null then '-' end), '…'
    ) as grade_12
from mart.indicator
where
    indicator = 'CON-01' and tier in ('region', 'republic')
    and level = 'school' and breakdown in ('grade', 'sex', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
