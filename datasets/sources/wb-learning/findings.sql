-- findings: what the learning assessment files leave unclear
-- grain:   one row per record and field in doubt
-- nulls:   an absent standard error is a finding once per test and year
-- source:  World Bank, LearningPoverty repository, MIT
with iso as (
    select distinct "ISO3166-1-Alpha-3" as code from country_code
    union
    select code from country_extra
),
listed as (
    select 'proficiency' as file, countrycode from proficiency
    union select 'score_bin', countrycode from score_bin
    union select 'pisa_mean', countrycode from pisa_mean
    union select 'proficiency_without_microdata', countrycode from proficiency_without_microdata
    union select 'population_10_14', countrycode from population_10_14
    union select 'primary_school_age', countrycode from primary_school_age
    union select 'net_enrolment', countrycode from net_enrolment
    union select 'out_of_school_model', country from out_of_school_model
),
found as (
    select 'warning' as severity, 'SRC-WBL-01' as rule, l.file || ' ' || l.countrycode as row_ref,
           'country' as field, l.countrycode as value,
           'not a country of ISO 3166: kept as an aggregate, never ranked' as message
    from listed as l
    left join iso on iso.code = l.countrycode
    where iso.code is null
    union all
    select 'error', 'SRC-WBL-02',
           'score_bin ' || survey || ' ' || countrycode || ' ' || idgrade || ' ' || subject || ' ' || bin,
           'm_score_bin', cast(null as varchar), 'no mean: the row is not landed'
    from score_bin
    where nullif(m_score_bin, '') is null
    union all
    select 'warning', 'SRC-WBL-03', 'proficiency ' || countrycode || ' ' || test || ' ' || year || ' ' || idgrade || ' ' || subject,
           'se_nonprof_all', cast(null as varchar), 'no standard error'
    from proficiency
    where nullif(se_nonprof_all, '') is null
    union all
    select 'warning', 'SRC-WBL-04', 'country_brief ' || b.countrycode || ' ' || b.test || ' ' || b.year || ' ' || b.idgrade || ' ' || b.subject,
           'nonprof_all', b.nonprof_all, 'differs from the file with standard errors: ' || p.nonprof_all
    from country_brief as b
    join proficiency as p
        on p.countrycode = b.countrycode and p.test = b.test and p.year = b.year
        and p.idgrade = b.idgrade and p.subject = b.subject
    where abs(try_cast(b.nonprof_all as double) - try_cast(p.nonprof_all as double))
        > 1e-4 * abs(try_cast(p.nonprof_all as double))
    union all
    select 'warning', 'SRC-WBL-05', 'pisa_mean ' || countrycode || ' ' || year, 'levels',
           math || ' / ' || read || ' / ' || sci, 'the shares of the levels do not add up to 100 percent'
    from pisa_mean
    where abs(try_cast(math as double) - 100) > 1.5 or abs(try_cast(read as double) - 100) > 1.5
       or abs(try_cast(sci as double) - 100) > 1.5
    union all
    select 'warning', 'SRC-WBL-06', 'comparability ' || countrycode || ' ' || test || ' ' || idgrade,
           'spell', spell, 'these rounds may not be compared'
    from comparability
    where comparable = '0'
    union all
    select 'warning', 'SRC-WBL-07', 'out_of_school_model ' || country || ' ' || level || ' ' || sex || ' ' || year,
           'value', value, 'the value lies outside its own bounds'
    from out_of_school_model
    where try_cast(value as double) < try_cast(lower as double)
       or try_cast(value as double) > try_cast(upper as double)
    union all
    select 'error', 'SRC-WBL-08', 'proficiency ' || countrycode || ' ' || test || ' ' || year || ' ' || idgrade || ' ' || subject,
           'nonprof_all', nonprof_all, 'a share outside 0 to 100 percent'
    from proficiency
    where try_cast(nonprof_all as double) not between 0 and 100
)
select severity, rule, arrow_cast(row_ref, 'Utf8') as row_ref, field,
       arrow_cast(value, 'Utf8') as value, arrow_cast(message, 'Utf8') as message
from found
