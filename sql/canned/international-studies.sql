-- theme: international
-- table: I1
-- title.kk: Халықаралық зерттеулер
-- title.ru: Международные исследования
-- title.en: International studies: means with standard errors
-- param: country text KAZ
-- param: study text pisa
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: year | Жыл | Год | Year
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: subject | Пән | Предмет | Subject
-- head: mean | Орташа балл | Средний балл | Mean
-- head: se | Стандартты қате | Стандартная ошибка | Standard error
-- head: change | Өзгеріс | Изменение | Change
-- head: significant | Мәнді | Значимо | Significant
select
    i.year, i.geo_code, case $lang when 'kk' then i.geo_name_kk when 'ru' then i.geo_name_ru else i.geo_name_en end as territory, i.subject,
    cell_text(i.value, i.flag, 0) as mean, cell_text(i.se, i.flag, 1) as se,
    round_half_away(i.change, 0) as change, i.significant
from mart.dynamics i
where
    i.indicator = 'ILS-01' and i.tier = 'international' and i.breakdown = 'category,subject'
    and i.category = $study and i.geo_code = $country
order by i.subject, i.year
