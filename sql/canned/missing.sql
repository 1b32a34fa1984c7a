-- theme: data
-- table: K1
-- title.kk: Тапсырмаған ұйымдар
-- title.ru: Не сдавшие организации
-- title.en: Organisations that owe a form
-- param: year int 2024
-- param: form text S1.PUPIL
-- head: form | Нысан | Форма | Form
-- head: year | Жыл | Год | Year
-- head: region | Өңір | Регион | Region
-- head: district | Аудан | Район | District
-- head: org_bin | БСН | БИН | BIN
-- head: org_type | Түрі | Вид | Type
-- head: name_ru | Атауы | Название | Name
select form, year, region, district, org_bin, org_type, name_ru
from gov.missing
where year = $year and form = $form
order by region, district, org_bin
