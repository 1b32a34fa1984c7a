-- step:   inhabitants under a code that was valid on some day of the year
-- grain:  one row per (edition, kato, year, sex, locality, age, age_to)
-- why:    the row "Туркестанская" holds South Kazakhstan (510000000) until 2016; for 1 January 2017
--         the publisher printed it without Shymkent, a region since June 2018 only: South Kazakhstan is
--         then the sum of both and Shymkent its city (511000000); the years 2018 and 2022, printed in
--         the borders formed that June, keep the printed regions
with shymkent as (
    select edition, year, sex, locality, age, age_to, population
    from printed
    where printed_kato = 790000000 and year < 2018
)
select
    p.edition, p.region_name, p.year, p.sex, p.locality, p.age, p.age_to,
    case
        when p.year >= 2018 then p.printed_kato
        when p.printed_kato = 610000000 then 510000000
        when p.printed_kato = 790000000 then 511000000
        else p.printed_kato
    end as kato,
    case
        when p.printed_kato = 610000000 then p.population + coalesce(s.population, 0)
        else p.population
    end as population,
    s.population is not null and p.printed_kato = 610000000 as is_sum
from printed p
left join shymkent s
    on s.edition = p.edition and s.year = p.year and s.sex = p.sex and s.locality = p.locality
    and s.age = p.age and s.age_to = p.age_to
where p.population is not null
