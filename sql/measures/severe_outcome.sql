-- measure: severe_outcome
-- grain:   one row per (year, region, district, org_bin, level)
-- unit:    severe outcomes: licences suspended or revoked, and inspections that ended in closing the organisation, from
--          the fixing of the year before to this one
-- nulls:   an organisation without any has no row
-- source:  forms S4A.LICENCE (status and its date), S5.INSPECTION (outcome closed); ref.organisation
-- That a licence was suspended or revoked is taken from the register of licences alone: an inspection that led to it
-- says so too and would count it twice.
with outcome as (
    select distinct y.year, l.org_bin, concat('licence ', l.licence_no) as case_no
    from staging.s4a_licence l
    join ref.year y
        on y.year = l.year and l.status_on > make_date(y.year - 1, 10, 1) and l.status_on <= make_date(y.year, 10, 1)
    where l.status in ('suspended', 'revoked')
    union all
    select distinct i.year, i.subject_bin, concat('inspection ', i.inspection_no)
    from staging.s5_inspection i
    where i.is_held and i.outcome = 'closed' and i.subject_kind = 'organisation'
)
select
    o.year, o.region, o.district, o.org_bin, o.main_level as level, count(*) as outcome_count
from outcome c
join ref.organisation o on o.year = c.year and o.org_bin = c.org_bin
group by o.year, o.region, o.district, o.org_bin, o.main_level
