-- measure: unt_leaver
-- grain:   one row per (year, region, district, org_bin, level, sex, language)
-- unit:    leavers of the last grade admitted to its exams, each once an organisation; tested = those of them with a
--          valid sitting of the main session of the year
-- nulls:   an organisation that reported no exams of the last grade has no row
-- source:  forms S6.EXAM, S7.UNT
with leaver as (
    select year, region, district, org_bin, pid, max(sex) as sex, max(language) as language
    from staging.s6_exam
    where is_admitted and level = 'general_secondary'
    group by year, region, district, org_bin, pid
),
tested as (
    select distinct year, pid from staging.s7_unt where is_valid and session = 'main'
)
select
    l.year, l.region, l.district, l.org_bin, 'general_secondary' as level, l.sex, l.language,
    count(*) as leaver_count, count(t.pid) as tested_count
from leaver l
left join tested t on t.year = l.year and t.pid = l.pid
group by l.year, l.region, l.district, l.org_bin, l.sex, l.language
