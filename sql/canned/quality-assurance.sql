-- theme: quality
-- table: Q1
-- title.kk: Лицензия, аттестаттау, аккредиттеу, бұзушылықтар
-- title.ru: Лицензии, аттестация, аккредитация, нарушения
-- title.en: Licences, attestation, accreditation, violations
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: licensed | Лицензия, % | Лицензии, % | Licensed, %
-- head: attested | Аттестаттау, % | Аттестация, % | Attested at first, %
-- head: accredited | Аккредиттелген ТжКБ, % | Аккредитовано ТиПО, % | TVE accredited, %
-- head: inspected | Тексерілген, % | Проверено, % | Inspected, %
-- head: violations | Бір тексеруге бұзушылық | Нарушений на проверку | Violations per inspection
-- head: remedied | Мерзімінде жойылған, % | Устранено в срок, % | Remedied in time, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'QAS-01' and level = 'all' then cell_text(value, flag, 1) end), '…') as licensed,
    coalesce(max(case when indicator = 'QAS-02' and level = 'all' then cell_text(value, flag, 1) end), '…') as attested,
    coalesce(max(case when indicator = 'QAS-03' and level = 'tve' then cell_text(value, flag, 1) end), '…') as accredited,
    coalesce(max(case when indicator = 'QAS-04' and level = 'all' then cell_text(value, flag, 1) end), '…') as inspected,
    coalesce(max(case when indicator = 'QAS-05' and level = 'all' then cell_text(value, flag, 2) end), '…') as violations,
    coalesce(max(case when indicator = 'QAS-06' and level = 'all' then cell_text(value, flag, 1) end), '…') as remedied
from mart.indicator
where
    indicator in ('QAS-01', 'QAS-02', 'QAS-03', 'QAS-04', 'QAS-05', 'QAS-06') and tier in ('region', 'republic')
    and level in ('all', 'tve') and breakdown = 'total' and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
