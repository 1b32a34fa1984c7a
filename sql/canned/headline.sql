-- title.kk: Негізгі көрсеткіштер
-- title.ru: Основные показатели республики по годам
-- title.en: Headline indicators of the republic over the years

select year, round_half_away(con_01, 0) as pupils, round_half_away(net_01, 0) as schools, round_half_away(acc_01, 1) as acc_01,
    round_half_away(net_04, 1) as net_04, round_half_away(tch_01, 1) as tch_01, round_half_away(tch_03, 1) as tch_03,
    round_half_away(tch_05, 1) as tch_05, round_half_away(grd_02, 1) as grd_02, round_half_away(sfc_02, 1) as sfc_02,
    round_half_away(unt_03, 2) as unt_03
from mart.indicator_wide
where tier = 'republic'
order by year
