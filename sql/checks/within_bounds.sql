-- check:  values lie where their definition puts them
-- grain:  one row per value out of bounds; none is expected
-- unit:   of the indicator
-- rule:   a share of a whole lies in 0..100 %, an adjusted parity index in 0..2, coverage in 0..1; counts are not
--         negative; a value is missing exactly where its flag says so
-- source: mart.indicator
with bounded as (
    select
        indicator, year, tier, geo_code, level, breakdown, value, n, coverage, flag,
        case
            when indicator like 'EQT-0_:%' and indicator not like 'EQT-06:%' then 2.0
            when indicator = 'EQT-08' then 1.0
            when indicator in (
                'CON-02', 'CON-03', 'CON-05', 'CON-07', 'NET-02', 'NET-03', 'NET-04', 'NET-05-SHARE', 'NET-08-SHARE',
                'TCH-03', 'TCH-04', 'TCH-05', 'TCH-06', 'TCH-10', 'INF-03', 'GRD-01', 'GRD-02', 'SFC-01', 'SFC-02',
                'UNT-04', 'UNT-05', 'UNT-06', 'FIN-01', 'FIN-02', 'CON-08', 'INF-06', 'INF-07', 'TVE-01', 'TVE-02', 'TVE-03', 'TVE-04',
                'TVE-05', 'TVE-06', 'TVE-07', 'TVE-08', 'TVE-09', 'EQT-05', 'EFF-05', 'EFF-07', 'EFF-11', 'EQT-07', 'MET-01', 'MET-02', 'KT-01',
                'QAS-01', 'QAS-02', 'QAS-03', 'QAS-04', 'QAS-06', 'TTR-01', 'TTR-03', 'MON-01', 'SOC-01', 'SOC-02',
                'TCH-02', 'TCH-08', 'UNT-02', 'UNT-08', 'SFC-03', 'MON-02', 'TTR-02', 'TTR-04', 'TTR-05', 'SOC-03',
                'ACC-11', 'INF-01A', 'INF-01B', 'INF-01C', 'INF-01D', 'INF-01E', 'INF-01F', 'INF-01G', 'INF-04',
                'FIN-05', 'FIN-07', 'GOV-01', 'GOV-02', 'GOV-03', 'GOV-05', 'GOV-06', 'GOV-07', 'GOV-09', 'GOV-10', 'GOV-11'
            ) then 100.0
        end as highest,
        -- movement, change of the network, dropout, gaps and net attrition are differences and may be negative; a factor may
        -- take points from the result; more learners than population of their age are a finding about these
        case
            when split_part(indicator, ':', -1) not in (
                'ACC-08', 'CON-06', 'EFF-03', 'FAC-01', 'GRD-03', 'NET-09', 'SFC-04', 'TCH-07-STOCK'
            ) then 0.0
        end as lowest
    from mart.indicator
    where
        breakdown in (
            'total', 'sex', 'locality', 'language', 'ownership', 'study_form', 'grade', 'age', 'subject', 'category'
        )
)
select indicator, year, tier, geo_code, level, breakdown, value, n, coverage, flag
from bounded
where
    value > highest or value < lowest or n < 0 or coverage < 0 or coverage > 1
    or (value is null) <> (flag in ('not_available', 'not_applicable', 'suppressed'))
order by indicator, year, tier, geo_code, level, breakdown
