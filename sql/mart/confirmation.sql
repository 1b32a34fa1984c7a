-- mart: confirmation
-- grain:  one row per (form, year, tier, geo_code): organisation, district, region or republic that owes the form
-- unit:   organisations; confirmed_share in 0..1
-- nulls:  what is not owed has no row; organisations that the region holds itself stand in its unallocated district
-- source: gov.obligation of organisations, gov.scope_state; Rules, paragraphs 2(9) and 8(3). Confirmed is what the head's
--         signature covers, standing and not returned; is_confirmed: that of every organisation that owes the form
with confirmed as (
    select form, year, org_bin, max(case when is_confirmed then 1 else 0 end) as confirmed_flag
    from gov.scope_state
    where org_bin is not null
    group by form, year, org_bin
),
owed as (
    select
        o.form, o.year, o.region, o.district, o.org_bin, case when o.is_reported then 1 else 0 end as reported_flag,
        coalesce(c.confirmed_flag, 0) as confirmed_flag
    from gov.obligation o
    left join confirmed c on c.form = o.form and c.year = o.year and c.org_bin = o.org_bin
    where o.subject_kind = 'organisation'
),
placed as (
    select form, year, 'organisation' as tier, lpad(cast(org_bin as varchar), 12, '0') as geo_code, reported_flag, confirmed_flag
    from owed
    union all
    select form, year, 'district' as tier, cast(district as varchar) as geo_code, reported_flag, confirmed_flag
    from owed
    union all
    select form, year, 'region' as tier, cast(region * 10000000 as varchar) as geo_code, reported_flag, confirmed_flag
    from owed
    union all
    select form, year, 'republic' as tier, 'KZ' as geo_code, reported_flag, confirmed_flag
    from owed
)
select
    form, year, tier, geo_code, count(*) as obliged_count, sum(reported_flag) as reported_count,
    sum(confirmed_flag) as confirmed_count, cast(sum(confirmed_flag) as double) / count(*) as confirmed_share,
    sum(confirmed_flag) = count(*) as is_confirmed
from placed
group by form, year, tier, geo_code
