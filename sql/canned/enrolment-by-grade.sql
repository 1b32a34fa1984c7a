-- title.kk: Сыныптар бойынша контингент
-- title.ru: Контингент по классам и полу
-- title.en: Enrolment by grade and sex
-- param: year int 2024
-- param: tier text republic
select geo_code, geo_name_en as unit, cast(grade as int) as grade, sex, numerator as learners
from mart.indicator
where indicator = 'CON-01' and tier = $tier and level = 'school' and breakdown = 'grade,sex' and year = $year
order by geo_code, grade, sex
