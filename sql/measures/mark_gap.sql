-- measure: mark_gap
-- grain:   one row per (year, region, district, org_bin, level, grade, sex, language, subject)
-- unit:    pairs of an annual mark and an exam mark of one leaver and subject; marks: annual less exam, summed
-- nulls:   an exam without a mark, and an annual mark that was not given, make no pair
-- source:  forms S6.EXAM (best attempt), S1.GRADE (period year)
with exam as (
    select year, region, district, org_bin, pid, level, exam_grade, sex, language, subject, max(mark) as mark
    from staging.s6_exam
    where is_admitted and mark is not null
    group by year, region, district, org_bin, pid, level, exam_grade, sex, language, subject
)
select
    e.year, e.region, e.district, e.org_bin, e.level, cast(e.exam_grade as varchar) as grade, e.sex, e.language,
    e.subject, count(*) as pair_count, sum(g.mark - e.mark) as gap_sum
from exam e
join staging.s1_grade g
    on g.year = e.year and g.region = e.region and g.org_bin = e.org_bin and g.pid = e.pid and g.subject = e.subject
    and g.period = 'year' and g.status = 'attested'
group by e.year, e.region, e.district, e.org_bin, e.level, e.exam_grade, e.sex, e.language, e.subject
