-- measure: vacancy
-- grain:   one row per (year, region, district, org_bin, level, subject); _T is a position without a subject
-- unit:    full-time equivalents in hundredths: positions of teachers that are held (any job, not left) and vacant ones
-- nulls:   an organisation whose staff is not reported has no row; without a vacancy it has none vacant
-- source:  forms S1.STAFF, S1.VACANCY
with post as (
    select
        year, region, district, org_bin, coalesce(subject, '_T') as subject,
        cast(rate_fte * 100 as bigint) as held, cast(0 as bigint) as vacant
    from staging.s1_staff
    where is_teacher and left_reason is null
    union all
    select
        year, region, district, org_bin, coalesce(subject, '_T'), cast(0 as bigint), cast(rate_fte * 100 as bigint)
    from staging.s1_vacancy
    where is_counted
)
select
    p.year, p.region, p.district, p.org_bin, o.main_level as level, p.subject,
    sum(p.held + p.vacant) as position_fte_hundredths, sum(p.vacant) as vacant_fte_hundredths
from post p
join ref.organisation o on o.year = p.year and o.org_bin = p.org_bin
group by p.year, p.region, p.district, p.org_bin, o.main_level, p.subject
