-- theme: rankings
-- table: X1
-- title.kk: Рейтинг матрицасы: өңірлер және 15 негізгі көрсеткіш
-- title.ru: Матрица рейтингов: регионы и 15 основных показателей
-- title.en: Ranking matrix: regions and 15 headline indicators
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: indicator | Көрсеткіш | Показатель | Indicator
-- head: value | Мәні | Значение | Value
-- head: rank | Орын | Место | Rank
-- head: rank_of | Барлығы | Из | Of
-- head: rank_change | Өзгеріс | Изменение места | Change of rank
select
    i.geo_code, case $lang when 'kk' then i.geo_name_kk when 'ru' then i.geo_name_ru else i.geo_name_en end as territory, i.indicator,
    cell_text(i.value, i.flag, cast(d.decimals as bigint)) as value, i.rank, i.rank_of, i.rank_change
from mart.ranking i
join ref.indicator d on d.indicator = i.indicator and d.definition_version = i.definition_version
where
    i.tier = 'region' and i.breakdown = 'total' and i.year = $year
    and i.indicator in (
        'ACC-01', 'ACC-06', 'CON-04', 'CON-08', 'EFF-02',
        'GRD-02', 'SFC-02', 'UNT-03', 'UNT-04', 'TCH-01',
        'TCH-03', 'TCH-05', 'NET-04', 'INF-02', 'INF-03'
    )
    and i.level = case
        when i.indicator = 'ACC-06' then 'pre_school'
        when i.indicator in ('SFC-02', 'UNT-03', 'UNT-04') then 'general_secondary'
        else 'school'
    end
order by i.geo_code, i.indicator
