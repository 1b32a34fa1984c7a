-- measure: item
-- grain:   one row per (year, region, district, org_bin, level, category = form)
-- unit:    cells: rows times the fields that are required (a file without them is rejected) or in ref.expected_field
-- nulls:   an organisation without a submission has no row; level is the main level of the organisation
-- source:  forms S1.ORG, S1.PUPIL, S1.STAFF; a test holds the counted fields to ref.expected_field
with filled as (
    select
        'S1.ORG' as form, year, region, district, org_bin, count(*) as row_count,
        count(name_kk) + count(settlement) + count(building_state) + count(opened) as expected_filled_count
    from staging.s1_org
    group by year, region, district, org_bin
    union all
    select
        'S1.PUPIL' as form, year, region, district, org_bin, count(*) as row_count,
        count(shift) + count(citizenship) + count(residence) as expected_filled_count
    from staging.s1_pupil
    group by year, region, district, org_bin
    union all
    select
        'S1.STAFF' as form, year, region, district, org_bin, count(*) as row_count,
        count(load_hours) + count(experience_years) as expected_filled_count
    from staging.s1_staff
    group by year, region, district, org_bin
),
field_count as (
    select
        f.form as field_form, sum(case when f.is_required then 1 else 0 end) as required_count,
        count(e.field) as expected_count
    from ref.field f
    left join ref.expected_field e on e.form = f.form and e.field = f.field and not f.is_required
    group by f.form
)
select
    f.year, f.region, f.district, f.org_bin, coalesce(t.main_level, 'all') as level, f.form as category,
    f.row_count * (c.required_count + c.expected_count) as cell_count,
    f.row_count * c.required_count + f.expected_filled_count as filled_count
from filled f
join field_count c on c.field_form = f.form
left join gov.register r on r.year = f.year and r.org_bin = f.org_bin
left join ref.org_type t on t.org_type = r.org_type
