-- theme: teachers
-- table: G4
-- title.kk: Біліктілікті арттыру және білімді бағалау
-- title.ru: Повышение квалификации и оценка знаний
-- title.en: Advanced training and knowledge assessment
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: trained | Оқыған педагогтер | Обучено | Trained
-- head: coverage | Қамту, % | Охват, % | Coverage, %
-- head: coverage_rural | Ауыл, % | Село, % | Rural, %
-- head: assessed | Тапсырды, % | Сдали оценку знаний, % | Passed assessment, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when indicator = 'TTR-01' and breakdown = 'total' then cell_text(numerator, flag, 0) end), '…') as trained,
    coalesce(max(case when indicator = 'TTR-01' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as coverage,
    coalesce(
        max(case
            when indicator = 'TTR-01' and breakdown = 'locality' and locality = 'rural'
                then cell_text(value, flag, 1)
        end), '…'
    ) as coverage_rural,
    coalesce(max(case when indicator = 'TTR-03' and breakdown = 'total' then cell_text(value, flag, 1) end), '…') as assessed
from mart.indicator
where
    indicator in ('TTR-01', 'TTR-03') and tier in ('region', 'republic')
    and level = 'school' and breakdown in ('locality', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
