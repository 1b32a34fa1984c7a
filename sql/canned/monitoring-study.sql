-- theme: outcomes
-- table: C11
-- title.kk: МОДО: орташа балл және стандартты қате
-- title.ru: МОДО: средний балл и стандартная ошибка
-- title.en: Monitoring study: mean score and standard error
-- param: year int 2024
-- param: level text primary
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: subject_name | Пән | Предмет | Subject
-- head: mean | Орташа балл | Средний балл | Mean
-- head: se | Стандартты қате | Стандартная ошибка | Standard error
-- head: pupils | Оқушылар | Учащиеся | Pupils
select
    i.geo_code, case $lang when 'kk' then i.geo_name_kk when 'ru' then i.geo_name_ru else i.geo_name_en end as territory,
    coalesce(case $lang when 'kk' then c.name_kk when 'ru' then c.name_ru else c.name_en end, '_T') as subject_name,
    cell_text(i.value, i.flag, 2) as mean, cell_text(i.se, i.flag, 2) as se,
    cell_text(cast(i.n as double), i.flag, 0) as pupils
from mart.indicator i
left join ref.code c on c.code_list = 'subject' and c.code = i.subject
where
    i.indicator = 'MON-01' and i.tier in ('region', 'republic') and i.level = $level
    and i.breakdown in ('total', 'subject') and i.year = $year
order by case i.geo_code when 'KZ' then 0 else 1 end, i.geo_code, i.subject
