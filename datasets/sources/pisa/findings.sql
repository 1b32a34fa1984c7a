-- findings: what the PISA school files leave unclear
-- grain:   one row per school and field in doubt
-- nulls:   no finding for what was not answered
-- source:  OECD, PISA database
with iso as (
    select distinct "ISO3166-1-Alpha-3" as code from country_code
    union
    select code from country_extra
),
found as (
    select 'warning' as severity, 'SRC-PISA-01' as rule, year, country, school_id,
           'fund_government' as field,
           cast(fund_gov + fund_fees + fund_donation as varchar) as value,
           'the shares of funding add up to more than 100 percent' as message
    from school
    where fund_gov + fund_fees + fund_donation > 100.5
    union all
    select 'warning', 'SRC-PISA-02', year, country, school_id, 'school_size',
           cast(school_size as varchar),
           'the size differs from boys and girls together'
    from school
    where abs(school_size - enrol_boys - enrol_girls) > 0.5
    union all
    select 'error', 'SRC-PISA-03', year, country, school_id, 'key', cast(count(*) as varchar),
           'more than one row for a cycle, country and school'
    from school
    group by year, country, school_id
    having count(*) > 1
    union all
    select 'warning', 'SRC-PISA-04', s.year, s.country, '*', 'country', cast(s.schools as varchar),
           'not a country of ISO 3166: a sub-national participant or a former code'
    from (select year, country, count(*) as schools from school group by year, country) as s
    left join iso on iso.code = s.country
    where iso.code is null
    union all
    select 'warning', 'SRC-PISA-05', year, country, '*', 'weight', cast(count(*) as varchar),
           'no school of the country has a weight in this cycle: weighted results are impossible'
    from school
    group by year, country
    having count(sch_wgt) = 0
    union all
    select 'warning', 'SRC-PISA-06', year, country, school_id, 'enrolment',
           cast(coalesce(enrol_boys, 0) + coalesce(enrol_girls, 0) as varchar),
           'a head count with a fraction: rounded'
    from school
    where enrol_boys <> floor(enrol_boys) or enrol_girls <> floor(enrol_girls)
    union all
    select 'warning', 'SRC-PISA-07', year, country, school_id, 'student_teacher_ratio',
           cast(stratio as varchar), 'more than 100 students to a teacher, or none'
    from school
    where stratio > 100 or stratio <= 0
)
select
    severity, rule,
    cast(year as varchar) || ' ' || country || ' ' || school_id as row_ref,
    field, arrow_cast(value, 'Utf8') as value, arrow_cast(message, 'Utf8') as message
from found
