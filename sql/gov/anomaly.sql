-- gov: anomaly
-- grain:  one row per finding: kind, series and year
-- unit:   observed and expected in that of the series
-- nulls:  other_code where no other unit has a part in it
-- source: gov.anomaly_sum (parts that do not close), _leap (a value leaps and returns), _exchange (two units exchanged), _part
--         (a part larger than its whole), _neighbour (a unit disappears into another), _definition (a population changed
--         its definition), _digits (two digits exchanged), _drop (too few tested). severity error: it cannot be so;
--         warning: it is unlikely. Nothing is corrected
select
    'sum' as kind, 'error' as severity, source, edition, series, tier, geo_code, other_code, sex, locality, language, study_form, year, observed,
    expected, series_printed, series_would_be, evidence
from gov.anomaly_sum
union all
select
    'leap' as kind, 'warning' as severity, source, edition, series, tier, geo_code, other_code, sex, locality, language, study_form, year, observed,
    expected, series_printed, series_would_be, evidence
from gov.anomaly_leap
union all
select
    'exchange' as kind, 'error' as severity, source, edition, series, tier, geo_code, other_code, sex, locality, language, study_form, year, observed,
    expected, series_printed, series_would_be, evidence
from gov.anomaly_exchange
union all
select
    'part' as kind, 'error' as severity, source, edition, series, tier, geo_code, other_code, sex, locality, language, study_form, year, observed,
    expected, series_printed, series_would_be, evidence
from gov.anomaly_part
union all
select
    'neighbour' as kind, 'warning' as severity, source, edition, series, tier, geo_code, other_code, sex, locality, language, study_form, year, observed,
    expected, series_printed, series_would_be, evidence
from gov.anomaly_neighbour
union all
select
    'definition' as kind, 'warning' as severity, source, edition, series, tier, geo_code, other_code, sex, locality, language, study_form, year, observed,
    expected, series_printed, series_would_be, evidence
from gov.anomaly_definition
union all
select
    'digits' as kind, 'warning' as severity, source, edition, series, tier, geo_code, other_code, sex, locality, language, study_form, year, observed,
    expected, series_printed, series_would_be, evidence
from gov.anomaly_digits
union all
select
    'drop' as kind, 'warning' as severity, source, edition, series, tier, geo_code, other_code, sex, locality, language, study_form, year, observed,
    expected, series_printed, series_would_be, evidence
from gov.anomaly_drop
