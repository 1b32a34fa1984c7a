-- gov: reported_by_subject
-- grain:  one row per (form, year, bin): who itself sent an accepted submission
-- source: gov.scope, gov.submission
select distinct c.form, c.year, s.subject_bin as bin
from gov.scope c
join gov.submission s on s.submission = c.submission
where s.subject_bin is not null and c.year is not null
