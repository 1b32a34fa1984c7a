-- theme: outcomes
-- table: C8
-- title.kk: Үлгерім және білім сапасы
-- title.ru: Успеваемость и качество знаний
-- title.en: Progress and quality of knowledge
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: progress | Үлгерім, % | Успеваемость, % | Progress, %
-- head: quality | Сапа, % | Качество, % | Quality, %
-- head: quality_primary | Сапа: Бастауыш, % | Качество: Начальное, % | Quality: Primary, %
-- head: quality_basic_secondary | Сапа: Негізгі орта, % | Качество: Основное среднее, % | Quality: Basic secondary, %
-- head: quality_general_secondary | Сапа: Жалпы орта, % | Качество: Общее среднее, % | Quality: General secondary, %
-- head: quality_kk | Қазақ тілінде, % | На казахском, % | In Kazakh, %
-- head: quality_ru | Орыс тілінде, % | На русском, % | In Russian, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(
        max(case when indicator = 'GRD-01' and level = 'school' and breakdown = 'total' then cell_text(value, flag, 1) end), '…'
    ) as progress,
    coalesce(
        max(case when indicator = 'GRD-02' and level = 'school' and breakdown = 'total' then cell_text(value, flag, 1) end), '…'
    ) as quality,
    coalesce(
        max(case when indicator = 'GRD-02' and level = 'primary' and breakdown = 'total' then cell_text(value, flag, 1) end), '…'
    ) as quality_primary,
    coalesce(
        max(case
            when indicator = 'GRD-02' and level = 'basic_secondary' and breakdown = 'total'
                then cell_text(value, flag, 1)
        end), '…'
    ) as quality_basic_secondary,
    coalesce(
        max(case
            when indicator = 'GRD-02' and level = 'general_secondary' and breakdown = 'total'
                then cell_text(value, flag, 1)
        end), '…'
    ) as quality_general_secondary,
    coalesce(
        max(case
            when indicator = 'GRD-02' and level = 'school' and breakdown = 'language' and language = 'kk'
                then cell_text(value, flag, 1)
        end), '…'
    ) as quality_kk,
    coalesce(
        max(case
            when indicator = 'GRD-02' and level = 'school' and breakdown = 'language' and language = 'ru'
                then cell_text(value, flag, 1)
        end), '…'
    ) as quality_ru
from mart.indicator
where
    indicator in ('GRD-01', 'GRD-02') and tier in ('region', 'republic')
    and level in ('school', 'primary', 'basic_secondary', 'general_secondary') and breakdown in ('language', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
