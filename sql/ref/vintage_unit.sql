-- ref: vintage_unit
-- grain:  one row per (vintage, year, district, district_to): where a unit of a year's division lies in a vintage
-- unit:   share_from and share_to cut the unit from 0 to 1 in the order of its parts: a part is share_to - share_from,
--         the parts of a unit fill 0..1
-- nulls:  changed_first and changed_last where nothing passed
-- source: ref.geo, ref.geo_succession. weight_kind: exact (the whole unit lies in one of the vintage), else what the cut
--         rests on: pupils, published pupils, population (of the first year in which every part has them), area, or
--         none: nothing is known, so the unit stands in the unallocated one of its region. Ground that came from
--         several units, or went to one that stood already, is cut by area only
with unit as (
    select y.year, y.fixing_date, g.geo_id, g.kato_code
    from ref.geo_year g
    join ref.year y on y.year = g.year
    where g.tier = 'district'
),
target as (
    select vintage, geo_id, kato_code, region
    from ref.geo_vintage
    where tier = 'district'
),
passed as (
    select
        v.vintage, u.year, u.geo_id, s.geo_id_to as part_id, s.share_of_from as area_share, s.changed_on,
        true as is_forward, s.basis <> 'part' as is_cut
    from unit u
    join ref.geo_succession s on s.geo_id_from = u.geo_id
    join ref.vintage v on s.changed_on > u.fixing_date and s.changed_on <= v.as_of
    union all
    select
        v.vintage, u.year, u.geo_id, s.geo_id_from as part_id, s.share_of_to as area_share, s.changed_on,
        false as is_forward, false as is_cut
    from unit u
    join ref.geo_succession s on s.geo_id_to = u.geo_id
    join ref.vintage v on s.changed_on > v.as_of and s.changed_on <= u.fixing_date
),
-- what the unit has kept
kept as (
    select
        p.vintage, p.year, p.geo_id, p.geo_id as part_id,
        case when count(p.area_share) = count(*) then 1 - sum(p.area_share) end as area_share,
        max(p.changed_on) as changed_on, p.is_forward, min(p.is_cut) as is_cut
    from passed p
    join target t on t.vintage = p.vintage and t.geo_id = p.geo_id
    group by p.vintage, p.year, p.geo_id, p.is_forward
),
part as (
    select vintage, year, geo_id, part_id, area_share, changed_on, is_forward, is_cut
    from passed
    union all
    select vintage, year, geo_id, part_id, area_share, changed_on, is_forward, is_cut
    from kept
),
divided as (
    select
        vintage, year, geo_id, count(*) as part_count, min(changed_on) as changed_first, max(changed_on) as changed_last,
        bool_and(is_cut) as is_cut, count(area_share) = count(*) as has_area
    from part
    group by vintage, year, geo_id
),
-- the first year after the last change in which every part has persons, by the best kind
weighed as (
    select d.vintage, d.year, d.geo_id, w.preference, w.weight_kind, w.year as weight_year, sum(w.amount) as whole
    from divided d
    join part p on p.vintage = d.vintage and p.year = d.year and p.geo_id = d.geo_id
    join ref.unit_weight w on w.geo_id = p.part_id
    join ref.year y on y.year = w.year and y.fixing_date >= d.changed_last
    where d.is_cut and d.part_count > 1
    group by d.vintage, d.year, d.geo_id, d.part_count, w.preference, w.weight_kind, w.year
    having count(*) = d.part_count
),
chosen as (
    select *
    from (
        select
            *, row_number() over (
                partition by vintage, year, geo_id
                order by preference, weight_year
            ) as choice
        from weighed
    ) ordered
    where choice = 1
),
shared as (
    select
        p.vintage, p.year, p.geo_id, p.part_id, d.part_count, d.changed_first, d.changed_last, p.is_forward,
        case
            when d.part_count = 1 then 'exact'
            when c.weight_kind is not null then c.weight_kind
            when d.has_area then 'area'
            else 'none'
        end as weight_kind,
        case
            when d.part_count = 1 then 1.0
            when c.weight_kind is not null then cast(w.amount as double) / c.whole
            else cast(p.area_share as double)
        end as share
    from part p
    join divided d on d.vintage = p.vintage and d.year = p.year and d.geo_id = p.geo_id
    left join chosen c on c.vintage = p.vintage and c.year = p.year and c.geo_id = p.geo_id
    left join ref.unit_weight w
        on w.weight_kind = c.weight_kind and w.year = c.weight_year and w.geo_id = p.part_id
),
cut as (
    select
        vintage, year, geo_id, part_id, weight_kind, changed_first, changed_last,
        sum(share) over parts - share as share_from,
        case
            when part_id = max(part_id) over (partition by vintage, year, geo_id) then 1.0
            else sum(share) over parts
        end as share_to
    from shared
    where weight_kind <> 'none'
    window parts as (
        partition by vintage, year, geo_id
        order by part_id rows between unbounded preceding and current row
    )
),
-- nothing is known of the parts: the region's unallocated unit has the whole
unknown as (
    select
        s.vintage, s.year, s.geo_id, max(a.geo_id) as part_id, 'none' as weight_kind,
        min(s.changed_first) as changed_first, max(s.changed_last) as changed_last, 0.0 as share_from, 1.0 as share_to
    from shared s
    join target t on t.vintage = s.vintage and t.geo_id = s.part_id
    join target a on a.vintage = t.vintage and a.kato_code = t.region * 10000000
    where s.weight_kind = 'none'
    group by s.vintage, s.year, s.geo_id
),
same as (
    select
        t.vintage, u.year, u.geo_id, u.geo_id as part_id, 'exact' as weight_kind, cast(null as date) as changed_first,
        cast(null as date) as changed_last, 0.0 as share_from, 1.0 as share_to
    from unit u
    join target t on t.geo_id = u.geo_id
    left join divided d on d.vintage = t.vintage and d.year = u.year and d.geo_id = u.geo_id
    where d.geo_id is null
),
placed as (
    select vintage, year, geo_id, part_id, weight_kind, changed_first, changed_last, share_from, share_to
    from cut
    union all
    select vintage, year, geo_id, part_id, weight_kind, changed_first, changed_last, share_from, share_to
    from unknown
    union all
    select vintage, year, geo_id, part_id, weight_kind, changed_first, changed_last, share_from, share_to
    from same
)
select
    p.vintage, p.year, u.kato_code as district, p.geo_id, t.region as region_to, t.kato_code as district_to,
    p.part_id as geo_id_to, p.weight_kind, p.share_from, p.share_to, p.changed_first, p.changed_last
from placed p
join unit u on u.year = p.year and u.geo_id = p.geo_id
join target t on t.vintage = p.vintage and t.geo_id = p.part_id
