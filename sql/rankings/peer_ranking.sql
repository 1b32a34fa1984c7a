-- mart: peer_ranking
-- grain:  one row per row of mart.ranking and peer_kind (locality, size, language) in which the unit has a group
-- unit:   rank_in_peers 1 is best of the group; of whom a rank is known: peer_of
-- nulls:  as mart.ranking: no rank without a value, but its reason
-- source: mart.ranking, mart.peer_group
with grouped as (
    select r.*, g.peer_kind, g.peer_group
    from mart.ranking r
    join mart.peer_group g on g.year = r.year and g.tier = r.tier and g.geo_code = r.geo_code
)
select
    indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year, geo_id, geo_code, geo_name_kk, geo_name_ru, geo_name_en, parent_code, peer_kind, peer_group, value, unit, rank,
    rank_of,
    cast(case when rank is not null then rank() over (
        partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year, peer_kind, peer_group
        order by rank nulls last
    ) end as bigint) as rank_in_peers,
    count(rank) over (partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year, peer_kind, peer_group) as peer_of,
    avg(value) over (partition by indicator, tier, level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category, year, peer_kind, peer_group) as peer_mean,
    reason
from grouped
