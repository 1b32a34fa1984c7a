-- gov: last_decision
-- grain:  one row per submission on which a department or the ministry has decided: the last decision
-- source: gov.decision
with ranked as (
    select *, row_number() over (partition by submission order by decision desc) as decision_rank
    from gov.decision
)
select submission, decision, authority_bin, outcome, reason, decided_at
from ranked
where decision_rank = 1
