-- ref: country_unit
-- grain: one row per code that publishers use for a country or an aggregate of countries
select
    country as code, cast(geo_id as bigint) as geo_id, country as kato, name_en, coalesce(name_ru, name_en) as name_ru,
    coalesce(name_kk, name_ru, name_en) as name_kk, cast(null as varchar) as parent_kato, not is_country as is_aggregate
from ref.country
union all
select
    code, min(cast(geo_id as bigint)) as geo_id, min(code) as kato, min(name_en) as name_en, min(name_en) as name_ru,
    min(name_en) as name_kk, cast(null as varchar) as parent_kato, true as is_aggregate
from ref.country_aggregate
where code not in (select country from ref.country)
group by code
