-- ref: vintage_organisation
-- grain:  one row per (vintage, year, org_bin) of an organisation in a unit that was cut: where it stands itself
-- nulls:  no row where the organisation has no passport on the other side of the change: it goes by the unit's weights
-- source: ref.organisation, ref.vintage_unit; the passport nearest in time after the last change (going forward) or
--         before the first (going back), where it names a part of the unit
with divided as (
    select vintage, year, district, district_to, geo_id_to, changed_first, changed_last
    from ref.vintage_unit
    where weight_kind <> 'exact' and weight_kind <> 'none'
),
moved as (
    select
        d.vintage, o.year, o.org_bin, o.district, d.district_to,
        row_number() over (
            partition by d.vintage, o.year, o.org_bin
            order by abs(other.year - o.year), other.year
        ) as choice
    from divided d
    join ref.organisation o on o.year = d.year and o.district = d.district
    join ref.organisation other on other.org_bin = o.org_bin
    join ref.geo_year g
        on g.year = other.year and g.tier = 'district' and g.kato_code = other.district and g.geo_id = d.geo_id_to
    join ref.year y on y.year = other.year
    where
        (other.year > o.year and y.fixing_date >= d.changed_last)
        or (other.year < o.year and y.fixing_date < d.changed_first)
)
select vintage, year, org_bin, district, district_to
from moved
where choice = 1
