-- theme: schools
-- table: C2
-- title.kk: Сыныптар бойынша контингент
-- title.ru: Контингент по классам и полу
-- title.en: Enrolment by grade and sex
-- param: year int 2024
-- param: tier text republic
-- head: geo_code | Код | Код | Code
-- head: unit | Аумақ | Территория | Territory
-- head: grade | Сынып | Класс | Grade
-- head: sex | Жынысы | Пол | Sex
-- head: learners | Білім алушылар | Обучающиеся | Learners
select geo_code, geo_name_en as unit, cast(grade as int) as grade, sex, numerator as learners
from mart.indicator
where indicator = 'CON-01' and tier = $tier and level = 'school' and breakdown = 'grade,sex' and year = $year
order by geo_code, grade, sex
