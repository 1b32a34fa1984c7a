-- check:  districts add up to their region, regions to the republic
-- grain:  one row per numerator or denominator that differs; none is expected
-- unit:   of the term
-- rule:   additive measures close exactly at every tier; what no district holds stands in the unallocated one
-- nulls:  a missing term is a zero here; regions without population are not part of a rate of the republic
-- source: mart.indicator, values computed from sums; without parity indices and cohorts, which do not add up
-- Breakdowns by one dimension: those by several are sums of the same cells. Shares of a whole (CON-02, EFF-07, TCH-04) have a
-- row only where the member occurs: their denominators are not compared.
with cell as (
    select
        indicator, year, tier, geo_code, case when tier = 'region' then 'KZ' else parent_code end as parent_code,
        concat_ws(' ', level, breakdown, sex, locality, language, ownership, study_form, grade, age, subject, category)
            as member,
        coalesce(numerator, 0) as numerator,
        case when indicator in ('CON-02', 'EFF-07', 'TCH-04') then 0 else coalesce(denominator, 0) end as denominator
    from mart.indicator
    where
        tier in ('district', 'region', 'republic') and source in ('S1', 'S1+S2', 'S6', 'S7', 'gov')
        and indicator not like 'EQT-%' and indicator not in ('EFF-04', 'EFF-08', 'EFF-09', 'GOV-08', 'GOV-10', 'GOV-11')
        and breakdown in (
            'total', 'sex', 'locality', 'language', 'ownership', 'study_form', 'grade', 'age', 'subject', 'category'
        )
        and not (source = 'S1+S2' and tier = 'region' and denominator is null)
),
part as (
    select
        indicator, year, tier as part_tier, case tier when 'district' then 'region' else 'republic' end as tier,
        parent_code as geo_code, member, sum(numerator) as numerator, sum(denominator) as denominator
    from cell
    where tier <> 'republic'
    group by indicator, year, tier, parent_code, member
),
-- rates over population start at the region
has_part as (
    select distinct indicator, tier from part
),
compared as (
    select
        w.indicator, w.year, w.tier, w.geo_code, w.member, w.numerator, w.denominator,
        coalesce(p.numerator, 0) as part_numerator, coalesce(p.denominator, 0) as part_denominator
    from cell w
    join has_part h on h.indicator = w.indicator and h.tier = w.tier
    left join part p
        on p.indicator = w.indicator and p.tier = w.tier and p.year = w.year and p.geo_code = w.geo_code
        and p.member = w.member
)
select indicator, year, tier, geo_code, member, numerator, part_numerator, denominator, part_denominator
from compared
where numerator <> part_numerator or denominator <> part_denominator
order by indicator, year, tier, geo_code, member
