-- ref: indicator_epoch
-- grain: one row per (indicator, year) of indicators with breaks: how many breaks lie behind, and the last one
select
    b.indicator, y.year, count(*) as epoch, last_value(b.reason order by b.year) as break_reason
from ref.indicator_break b
join ref.year y on y.year >= b.year
group by b.indicator, y.year
