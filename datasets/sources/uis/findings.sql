-- findings: what the UIS education statistics leaves unclear
-- grain:   one row per observation or pair of observations in doubt
-- nulls:   a part that is not published is never read as nil: no finding
-- source:  UNESCO UIS
with iso as (
    select distinct "ISO3166-1-Alpha-3" as code from country_code
    union
    select code from country_extra
),
observed as (
    select indicator, country_iso3, year, value from observation
),
fact as (
    select
        o.indicator as series, o.country_iso3, o.year, o.value, m.concept, m.level,
        m.orientation, m.sex, m.ownership, m.locality, m.grade, m.age, m.age_to, m.unit
    from observed as o
    join series_map as m on m.series = o.indicator
    where nullif(m.concept, '') is not null
),
counted as (
    select * from fact where unit = 'persons'
),
-- one line per total and dimension, with the sum of its parts when all are published
part_of_sex as (
    select concept, level, orientation, ownership, locality, grade, age, age_to, country_iso3, year,
           max(case when sex = '_T' then value end) as total,
           max(case when sex = '_T' then series end) as series,
           sum(case when sex <> '_T' then value end) as parts,
           sum(case when sex <> '_T' then 1 else 0 end) as part_count
    from counted
    group by concept, level, orientation, ownership, locality, grade, age, age_to, country_iso3, year
),
part_of_ownership as (
    select concept, level, orientation, sex, locality, grade, age, age_to, country_iso3, year,
           max(case when ownership = '_T' then value end) as total,
           max(case when ownership = '_T' then series end) as series,
           sum(case when ownership <> '_T' then value end) as parts,
           sum(case when ownership <> '_T' then 1 else 0 end) as part_count
    from counted
    group by concept, level, orientation, sex, locality, grade, age, age_to, country_iso3, year
),
part_of_orientation as (
    select concept, level, ownership, sex, locality, grade, age, age_to, country_iso3, year,
           max(case when orientation = '_T' then value end) as total,
           max(case when orientation = '_T' then series end) as series,
           sum(case when orientation <> '_T' then value end) as parts,
           sum(case when orientation <> '_T' then 1 else 0 end) as part_count
    from counted
    group by concept, level, ownership, sex, locality, grade, age, age_to, country_iso3, year
),
level_part as (
    select 'isced_2_3' as whole, 'basic_secondary' as part union all
    select 'isced_2_3', 'isced_3' union all
    select 'isced_2_3', 'isced_2_3' union all
    select 'isced_0', 'isced_01' union all
    select 'isced_0', 'pre_school' union all
    select 'isced_0', 'isced_0'
),
part_of_level as (
    select c.concept, l.whole, c.orientation, c.ownership, c.sex, c.locality, c.grade, c.age,
           c.age_to, c.country_iso3, c.year,
           max(case when c.level = l.whole then c.value end) as total,
           max(case when c.level = l.whole then c.series end) as series,
           sum(case when c.level <> l.whole then c.value end) as parts,
           sum(case when c.level <> l.whole then 1 else 0 end) as part_count
    from counted as c
    join level_part as l on l.part = c.level
    where c.grade = '-1'
    group by c.concept, l.whole, c.orientation, c.ownership, c.sex, c.locality, c.grade, c.age,
             c.age_to, c.country_iso3, c.year
),
uneven as (
    select 'SRC-UIS-03' as rule, 'sex' as field, series, country_iso3, year, total, parts
    from part_of_sex where part_count = 2
    union all
    select 'SRC-UIS-04', 'ownership', series, country_iso3, year, total, parts
    from part_of_ownership where part_count = 2
    union all
    select 'SRC-UIS-05', 'orientation', series, country_iso3, year, total, parts
    from part_of_orientation where part_count = 2
    union all
    select 'SRC-UIS-06', 'level', series, country_iso3, year, total, parts
    from part_of_level where part_count = 2
),
found as (
    select 'error' as severity, 'SRC-UIS-01' as rule, series, country_iso3, year, 'value' as field,
           cast(value as varchar) as value, 'a count below zero' as message
    from counted
    where value < 0
    union all
    select 'warning', 'SRC-UIS-02', series, country_iso3, year, 'value', cast(value as varchar),
           'a share of a whole above 100 percent'
    from fact
    where unit = 'percent' and value > 100.0005
      and concept in (
          'published:CON-03', 'published:CON-07', 'published:CON-08', 'published:CON-09',
          'published:TCH-02', 'published:TCH-03', 'published:TCH-07', 'published:TCH-10',
          'published:ACC-02', 'published:ACC-05', 'published:ACC-08', 'published:ACC-11',
          'published:ACC-NER', 'published:ACC-NERA', 'published:EFF-02', 'published:EFF-04',
          'published:EFF-06', 'published:EFF-11', 'published:EFF-12', 'published:ILS-02',
          'published:FIN-01', 'published:FIN-02'
      )
    union all
    select 'warning', rule, series, country_iso3, year, field, cast(total as varchar),
           'the total differs from the sum of its parts, ' || cast(parts as varchar)
    from uneven
    -- counts of aggregates are estimates with fractions, and single units are rounding
    where abs(total - parts) > 1.5 and abs(total - parts) > 1e-4 * abs(total)
    union all
    select 'warning', 'SRC-UIS-07', cast(null as varchar), c.country_iso3, cast(null as int), 'country',
           c.country_iso3 as value, 'not a country of ISO 3166: kept as an aggregate, never ranked'
    from (select distinct country_iso3 from observed) as c
    left join iso on iso.code = c.country_iso3
    where iso.code is null
    union all
    select 'warning', 'SRC-UIS-08', s.indicator, cast(null as varchar), cast(null as int), 'series',
           s.indicator as value, 'series without a line in our map: landed without a concept'
    from (select distinct indicator from observed) as s
    left join series_map as m on m.series = s.indicator
    where m.series is null
    union all
    select 'error', 'SRC-UIS-09', indicator, country_iso3, year, 'key', cast(count(*) as varchar),
           'more than one row for a series, country and year'
    from observed
    group by indicator, country_iso3, year
    having count(*) > 1
    union all
    select 'warning', 'SRC-UIS-10', indicator, cast(null as varchar), cast(null as int), 'name', name,
           'named vocational, yet it equals the total of the level less its female students: '
           || 'mapped to the whole level'
    from indicator_name
    where indicator in ('40015', '40031')
)
select
    severity, rule,
    coalesce(series, '*') || ' ' || coalesce(country_iso3, '*') || ' '
        || coalesce(cast(year as varchar), '*') as row_ref,
    field, arrow_cast(value, 'Utf8') as value, arrow_cast(message, 'Utf8') as message
from found
