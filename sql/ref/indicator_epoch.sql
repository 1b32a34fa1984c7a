-- ref: indicator_epoch
-- grain: one row per (indicator, category, year) of indicators with breaks: how many breaks of that category (_T = of
--        every series of the indicator) lie behind, and the last one
select
    b.indicator, b.category, y.year, count(distinct b.year) as epoch, last_value(b.reason order by b.year) as break_reason
from ref.indicator_break b
join ref.year y on y.year >= b.year
group by b.indicator, b.category, y.year
