-- theme: overview
-- table: A1
-- title.kk: Негізгі көрсеткіштер
-- title.ru: Основные показатели республики по годам
-- title.en: Headline indicators of the republic over the years
-- head: year | Жыл | Год | Year
-- head: pupils | Оқушылар | Учащиеся | Pupils
-- head: schools | Мектептер | Школы | Schools
-- head: acc_01 | ACC-01 | ACC-01 | ACC-01
-- head: net_04 | NET-04 | NET-04 | NET-04
-- head: tch_01 | TCH-01 | TCH-01 | TCH-01
-- head: tch_03 | TCH-03 | TCH-03 | TCH-03
-- head: tch_05 | TCH-05 | TCH-05 | TCH-05
-- head: grd_02 | GRD-02 | GRD-02 | GRD-02
-- head: sfc_02 | SFC-02 | SFC-02 | SFC-02
-- head: unt_03 | UNT-03 | UNT-03 | UNT-03

select year, round_half_away(con_01, 0) as pupils, round_half_away(net_01, 0) as schools, round_half_away(acc_01, 1) as acc_01,
    round_half_away(net_04, 1) as net_04, round_half_away(tch_01, 1) as tch_01, round_half_away(tch_03, 1) as tch_03,
    round_half_away(tch_05, 1) as tch_05, round_half_away(grd_02, 1) as grd_02, round_half_away(sfc_02, 1) as sfc_02,
    round_half_away(unt_03, 2) as unt_03
from mart.indicator_wide
where tier = 'republic'
order by year
