-- load:    published PISA 2022 mathematics means of Kazakhstan into S10.OBS
-- grain:   one row per scale and sex
-- unit:    points of the PISA scale; `n` tested students
-- nulls:   none
-- source:  tables 1 and 4 of a public analysis of the OECD PISA 2022 data, MIT
with scale as (
    select
        "Scale" as name,
        "Total (N = 19,769)" as total,
        "Female (n = 9,594)" as female,
        "Male (n = 10,175)" as male
    from aggregate_by_sex
),
cell as (
    select name, '_T' as sex, total as cell, 19769 as n from scale
    union all
    select name, 'female', female, 9594 from scale
    union all
    select name, 'male', male, 10175 from scale
)
select
    2022 as year,
    'KAZ' as country,
    false as is_aggregate,
    'pisa_2022_' || lower(replace(replace(split_part(name, ' (', 1), '-', ''), ' ', ''))
        || case sex when 'female' then '_f' when 'male' then '_m' else '' end as series,
    case when name like 'PVMATH%' then 'score_mean' else 'score_mean_subscale' end as concept,
    '_T' as level,
    '_T' as orientation,
    sex,
    '_T' as ownership,
    '_T' as locality,
    -1 as grade,
    15 as age,
    15 as age_to,
    'mathematics' as subject,
    try_cast(trim(split_part(cell, '(', 1)) as double) as value,
    try_cast(split_part(split_part(cell, '(', 2), ')', 1) as double) as se,
    cast(n as bigint) as n,
    'points' as unit,
    'pisa' as publisher,
    'pisa-2022-kaz-tables' as edition,
    cast(null as date) as published_on,
    'ok' as flag,
    name as note
from cell
