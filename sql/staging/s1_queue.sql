-- staging: s1_queue
-- grain:   one row per application (year, pid, district, applied_on)
-- source:  form S1.QUEUE; age in full years on 1 September, as in s1_pupil
select
    year, region, submission, district, pid, birth, sex, applied_on, privilege, directed_on, status,
    year - birth / 100 - case when birth % 100 >= 9 then 1 else 0 end as age,
    status <> 'withdrawn' and applied_on <= make_date(year, 10, 1)
    and coalesce(directed_on > make_date(year, 10, 1), true) as is_waiting,
    status in ('directed', 'enrolled') and coalesce(directed_on <= make_date(year, 10, 1), false) as is_placed
from raw.s1_queue
