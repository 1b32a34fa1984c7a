-- check:  published UIS rates of 2012-2014 against the same rates from counts
-- grain:  one row per indicator
-- unit:   published, with_inputs, reproduced: values of a country, year, level and sex; share in percent
-- rule:   reproduced is within 1e-4 of the published value, or within its rounding to five decimals;
--         share is reproduced of those whose counts are published, and is 100 for every indicator
-- nulls:  share is NULL where no value has its counts
-- source: measures.country_value (edition uis-2012-2018), staging.s10_obs (publisher uis, published:*)
-- Parity is female over male of the computed rates, unadjusted. General and vocational programmes by
-- themselves are not part of country_value and are left out here.
with published as (
    select substr(concept, 11) as indicator, year, country, level, sex, value
    from staging.s10_obs
    where
        publisher = 'uis' and year between 2012 and 2014 and orientation = '_T' and grade = '_T'
        and concept in (
            'published:ACC-01', 'published:ACC-09', 'published:CON-03', 'published:CON-07', 'published:TCH-01',
            'published:TCH-10', 'published:EQT-01:ACC-01', 'published:EQT-01:ACC-09'
        )
),
rate as (
    select
        indicator, year, geo_code as country, level, sex,
        case indicator when 'TCH-01' then 1.0 else 100.0 end * numerator / nullif(denominator, 0) as value
    from measures.country_value
    where
        indicator in ('ACC-01', 'ACC-09', 'CON-03', 'CON-07', 'TCH-01', 'TCH-10') and edition = 'uis-2012-2018'
        and year between 2012 and 2014
),
parity as (
    select
        concat('EQT-01:', indicator) as indicator, year, country, level, '_T' as sex,
        max(case when sex = 'female' then value end) / nullif(max(case when sex = 'male' then value end), 0) as value
    from rate
    where indicator in ('ACC-01', 'ACC-09') and sex in ('female', 'male')
    group by indicator, year, country, level
),
computed as (
    select indicator, year, country, level, sex, value from rate
    union all
    select indicator, year, country, level, sex, value from parity
),
compared as (
    select
        p.indicator,
        case when c.value is not null then 1 else 0 end as has_inputs,
        case
            when abs(c.value - p.value) <= 1e-4 * abs(p.value) then 1
            -- half of the fifth decimal, and the last bits of the difference of two doubles
            when abs(c.value - p.value) <= 0.5000001e-5 then 1
            else 0
        end as is_reproduced
    from published p
    left join computed c
        on c.indicator = p.indicator and c.year = p.year and c.country = p.country and c.level = p.level
        and c.sex = p.sex
)
select
    indicator, count(*) as published, sum(has_inputs) as with_inputs, sum(is_reproduced) as reproduced,
    100.0 * sum(is_reproduced) / nullif(sum(has_inputs), 0) as share
from compared
group by indicator
order by indicator
