-- 13, class A: the hundred schools of most value added: results in the admission test against prior marks
-- grain: one row per school; value added = mean residual of a straight line fitted over all persons
with prior as (
    select pid, avg(mark) as prior
    from raw.s1_grade
    where grade in (8, 9) and period = 'final' and mark is not null
    group by pid
),
sittings as (
    select pid, org_bin, max(total) as total
    from raw.s7_unt
    where status = 'valid'
    group by pid, org_bin
),
joined as (
    select s.org_bin as org_bin, cast(s.total as double) as total, p.prior as prior
    from sittings s
    join prior p on p.pid = s.pid
),
moments as (
    select avg(total) as total_mean, avg(prior) as prior_mean, avg(total * prior) as product_mean,
        avg(prior * prior) as square_mean
    from joined
),
line as (
    select
        (product_mean - total_mean * prior_mean) / (square_mean - prior_mean * prior_mean) as slope,
        total_mean, prior_mean
    from moments
),
schools as (
    select org_bin, count(*) as persons, avg(total) as total_mean, avg(prior) as prior_mean
    from joined
    group by org_bin
    having count(*) >= 20
)
select
    s.org_bin as org_bin, s.persons as persons,
    s.total_mean - l.total_mean - l.slope * (s.prior_mean - l.prior_mean) as value_added
from schools s
cross join line l
order by value_added desc, org_bin
limit 100
