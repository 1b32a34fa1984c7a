-- mart: peer_group
-- grain:  one row per (year, tier, geo_code, peer_kind): organisation, district or region and a group of its like
-- unit:   learners; sizes are equal parts (parameter peer_size_groups) of the units of the tier and year that have
--         learners, of organisations those of the same main level, size_1 the smallest
-- nulls:  a unit without learners has no row, nor has what belongs to no district
-- source: measures.enrolment, ref.organisation. locality: of the organisation, of a territory where most learners are;
--         language: of most learners; of equally many the first in the alphabet
with enrolled as (
    select e.year, e.region, e.district, e.org_bin, o.main_level, o.locality, e.language, sum(e.learner_count) as learners
    from measures.enrolment e
    join ref.organisation o on o.year = e.year and o.org_bin = e.org_bin
    group by e.year, e.region, e.district, e.org_bin, o.main_level, o.locality, e.language
    having sum(e.learner_count) > 0
),
placed as (
    select
        year, 'organisation' as tier, lpad(cast(org_bin as varchar), 12, '0') as geo_code, main_level, locality, language,
        learners
    from enrolled
    union all
    select year, 'district' as tier, cast(district as varchar) as geo_code, '_T' as main_level, locality, language, learners
    from enrolled
    where district <> region * 10000000
    union all
    select
        year, 'region' as tier, cast(region * 10000000 as varchar) as geo_code, '_T' as main_level, locality, language,
        learners
    from enrolled
),
counted as (
    select year, tier, geo_code, main_level, 'locality' as peer_kind, locality as member, sum(learners) as learners
    from placed
    group by year, tier, geo_code, main_level, locality
    union all
    select year, tier, geo_code, main_level, 'language' as peer_kind, language as member, sum(learners) as learners
    from placed
    group by year, tier, geo_code, main_level, language
),
chosen as (
    select
        year, tier, geo_code, main_level, peer_kind, member,
        sum(learners) over (partition by year, tier, geo_code, peer_kind) as learners,
        row_number() over (partition by year, tier, geo_code, peer_kind order by learners desc, member) as member_rank
    from counted
),
sized as (
    select
        *, percent_rank() over (partition by year, tier, main_level, peer_kind order by learners) as size_rank
    from chosen
    where member_rank = 1
)
select year, tier, geo_code, peer_kind, member as peer_group, learners
from sized
where member is not null
union all
select
    s.year, s.tier, s.geo_code, 'size' as peer_kind,
    concat('size_', cast(least(floor(s.size_rank * p.size_groups) + 1, p.size_groups) as bigint)) as peer_group, s.learners
from sized s
cross join (
    select cast(value as double) as size_groups
    from ref.parameter_latest
    where name = 'peer_size_groups'
) p
where s.peer_kind = 'locality'
