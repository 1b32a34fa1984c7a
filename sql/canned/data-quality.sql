-- theme: data
-- table: K1
-- title.kk: Деректер сапасы туралы мәлімдеме
-- title.ru: Справка о качестве данных
-- title.en: Data-quality statement
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: complete | Толықтық, % | Полнота, % | Completeness, %
-- head: cells | Ұяшықтар, % | Ячейки, % | Cells filled, %
-- head: on_time | Мерзімінде, % | В срок, % | On time, %
-- head: lag | Кідіріс, күн | Задержка, дней | Lag, working days
-- head: confirmed | Қол қойылған, % | Подписано, % | Confirmed, %
-- head: failures | Қателер, % | Ошибки, % | Validation failures, %
-- head: duplicates | Қайталанулар, % | Дубли, % | Duplicates, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'GOV-01' then cell_text(value, flag, 1) end), '…') as complete,
    coalesce(max(case when indicator = 'GOV-02' then cell_text(value, flag, 1) end), '…') as cells,
    coalesce(max(case when indicator = 'GOV-03' then cell_text(value, flag, 1) end), '…') as on_time,
    coalesce(max(case when indicator = 'GOV-04' then cell_text(value, flag, 1) end), '…') as lag,
    coalesce(max(case when indicator = 'GOV-05' then cell_text(value, flag, 1) end), '…') as confirmed,
    coalesce(max(case when indicator = 'GOV-06' then cell_text(value, flag, 2) end), '…') as failures,
    coalesce(max(case when indicator = 'GOV-07' then cell_text(value, flag, 2) end), '…') as duplicates
from mart.indicator
where
    indicator in ('GOV-01', 'GOV-02', 'GOV-03', 'GOV-04', 'GOV-05', 'GOV-06', 'GOV-07') and tier in ('region', 'republic')
    and level = 'all' and breakdown = 'total' and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
