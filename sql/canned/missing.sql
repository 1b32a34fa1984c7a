-- title.kk: Тапсырмаған ұйымдар
-- title.ru: Не сдавшие организации
-- title.en: Organisations that owe a form
-- param: year int 2024
-- param: form text S1.PUPIL
select form, year, region, district, org_bin, org_type, name_ru
from gov.missing
where year = $year and form = $form
order by region, district, org_bin
