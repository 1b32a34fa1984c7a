-- theme: outcomes
-- table: C9
-- title.kk: Қорытынды аттестаттау
-- title.ru: Итоговая аттестация
-- title.en: Final certification by grade and language
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: pass_9 | 9-сынып, тапсырды, % | 9 класс, сдали, % | Grade 9 passed, %
-- head: quality_9 | 9-сынып, сапа, % | 9 класс, качество, % | Grade 9 quality, %
-- head: pass_11 | 11-сынып, тапсырды, % | 11 класс, сдали, % | Grade 11 passed, %
-- head: quality_11 | 11-сынып, сапа, % | 11 класс, качество, % | Grade 11 quality, %
-- head: quality_11_kk | Қазақ тілінде, % | На казахском, % | In Kazakh, %
-- head: quality_11_ru | Орыс тілінде, % | На русском, % | In Russian, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(
        max(case
            when indicator = 'SFC-01' and level = 'basic_secondary' and breakdown = 'total'
                then cell_text(value, flag, 1)
        end), '…'
    ) as pass_9,
    coalesce(
        max(case
            when indicator = 'SFC-02' and level = 'basic_secondary' and breakdown = 'total'
                then cell_text(value, flag, 1)
        end), '…'
    ) as quality_9,
    coalesce(
        max(case
            when indicator = 'SFC-01' and level = 'general_secondary' and breakdown = 'total'
                then cell_text(value, flag, 1)
        end), '…'
    ) as pass_11,
    coalesce(
        max(case
            when indicator = 'SFC-02' and level = 'general_secondary' and breakdown = 'total'
                then cell_text(value, flag, 1)
        end), '…'
    ) as quality_11,
    coalesce(
        max(case
            when indicator = 'SFC-02' and level = 'general_secondary' and breakdown = 'language' and language = 'kk'
                then cell_text(value, flag, 1)
        end), '…'
    ) as quality_11_kk,
    coalesce(
        max(case
            when indicator = 'SFC-02' and level = 'general_secondary' and breakdown = 'language' and language = 'ru'
                then cell_text(value, flag, 1)
        end), '…'
    ) as quality_11_ru
from mart.indicator
where
    indicator in ('SFC-01', 'SFC-02') and tier in ('region', 'republic')
    and level in ('basic_secondary', 'general_secondary') and breakdown in ('language', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
