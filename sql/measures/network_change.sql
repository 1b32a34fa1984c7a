-- measure: network_change
-- grain:   one row per (year, region, district, org_bin, level, category = event, _T for none)
-- unit:    organisations: plus one for an opening, minus one for a closing; with a successor a closing is a merger, with
--          a predecessor an opening is a split. In the twelve months up to 1 October
-- nulls:   an organisation without a passport has no row; one without an event is a zero
-- source:  form S1.ORG
with passport as (
    select
        o.year, o.region, o.district, o.org_bin, t.main_level as level, o.is_opened_in_year, o.is_closed_in_year,
        o.split_from is not null as is_split, o.merged_into is not null as is_merged
    from staging.s1_org o
    join ref.org_type t on t.org_type = o.org_type
),
event as (
    select
        year, region, district, org_bin, level, case when is_split then 'split' else 'opened' end as category,
        1 as net_count
    from passport
    where is_opened_in_year
    union all
    select
        year, region, district, org_bin, level, case when is_merged then 'merged' else 'closed' end as category,
        -1 as net_count
    from passport
    where is_closed_in_year
    union all
    select year, region, district, org_bin, level, '_T' as category, 0 as net_count
    from passport
    where not is_opened_in_year and not is_closed_in_year
)
select year, region, district, org_bin, level, category, net_count
from event
