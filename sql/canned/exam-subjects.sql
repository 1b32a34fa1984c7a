-- theme: outcomes
-- table: C9
-- title.kk: Емтихан нәтижелері пәндер бойынша
-- title.ru: Результаты экзаменов по предметам
-- title.en: Exam results by subject
-- param: year int 2024
-- param: level text general_secondary
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: subject_name | Пән | Предмет | Subject
-- head: sat | Тапсырғандар | Сдавали | Sat
-- head: quality | Сапа, % | Качество, % | Quality, %
select
    i.geo_code, case $lang when 'kk' then i.geo_name_kk when 'ru' then i.geo_name_ru else i.geo_name_en end as territory,
    case $lang when 'kk' then c.name_kk when 'ru' then c.name_ru else c.name_en end as subject_name,
    cell_text(i.denominator, i.flag, 0) as sat, cell_text(i.value, i.flag, 1) as quality
from mart.indicator i
left join ref.code c on c.code_list = 'subject' and c.code = i.subject
where
    i.indicator = 'SFC-02' and i.tier in ('region', 'republic') and i.level = $level and i.breakdown = 'subject'
    and i.year = $year
order by case i.geo_code when 'KZ' then 0 else 1 end, i.geo_code, i.subject
