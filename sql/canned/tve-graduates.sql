-- theme: tve
-- table: F4
-- title.kk: ТжКБ түлектерін жұмысқа орналастыру
-- title.ru: Трудоустройство выпускников ТиПО
-- title.en: Employment of TVE graduates, administrative
-- param: year int 2024
-- param: lang text en
-- head: geo_code | Код | Код | Code
-- head: territory | Аумақ | Территория | Territory
-- head: graduates | Ескерілетін түлектер | Учитываемые выпускники | Graduates counted
-- head: employed | Жұмысқа орналасқан | Трудоустроено | Employed
-- head: share | Үлесі, % | Доля, % | Share, %
-- head: women | Әйелдер, % | Женщины, % | Women, %
select
    geo_code,
    max(case $lang when 'kk' then geo_name_kk when 'ru' then geo_name_ru else geo_name_en end) as territory,
    coalesce(max(case when breakdown = 'total' then cell_text(denominator, flag, 0) end), '…') as graduates,
    coalesce(max(case when breakdown = 'total' then cell_text(numerator, flag, 0) end), '…') as employed,
    coalesce(max(case when breakdown = 'total' then cell_text(value, flag, 1) end), '…') as share,
    coalesce(max(case when breakdown = 'sex' and sex = 'female' then cell_text(value, flag, 1) end), '…') as women
from mart.indicator
where
    indicator = 'TVE-03' and tier in ('region', 'republic')
    and level = 'tve' and breakdown in ('sex', 'total') and year = $year
group by geo_code
order by case geo_code when 'KZ' then 0 else 1 end, geo_code
