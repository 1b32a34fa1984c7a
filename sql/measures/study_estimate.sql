-- measure: study_estimate
-- grain:   one row per (indicator, year, country, level, sex, locality, subject, category = study)
-- unit:    points (ILS-01, ILS-04, ILS-04-SLOPE, ILS-06, ILS-08), percent (ILS-02, ILS-03, ILS-04-R2, ILS-05,
--          ILS-08-BELOW); se in the same unit
-- nulls:   se is NULL without replicate weights or for fewer than two pupils; a study without a cut in ref.parameter
--          has no ILS-02 or ILS-03
-- source:  measures.study_pupil
-- ILS-02, ILS-03: at or above level 2 and level 5 (PISA), the low and the advanced benchmark (PIRLS).
-- ILS-04: the upper quarter by ESCS less the lower; the quarters are those of the final weights, the cuts are held fixed
-- under the replicates, and pupils of one ESCS stay together. Slope and R2 are of the regression on ESCS.
-- ILS-08 is ICILS, which ILS-01 to ILS-03 leave to it; its share is of those below level 1.
-- ILS-06: the members named less the others: girls less boys, rural less urban.
with cut as (
    select distinct
        s.study, s.subject, minimum.value as minimum, advanced.value as advanced
    from measures.study_pupil s
    left join ref.parameter_latest minimum
        on minimum.name = case s.study
            when 'pisa' then concat('pisa_level_2_', s.subject)
            when 'pirls' then 'timss_benchmark_low'
            when 'icils' then 'icils_level_1'
        end
    left join ref.parameter_latest advanced
        on advanced.name = case s.study
            when 'pisa' then concat('pisa_level_5_', s.subject)
            when 'pirls' then 'timss_benchmark_advanced'
        end
),
pupil as (
    select
        s.year, s.country, s.level, s.subject, s.study, s.sex, s.locality, s.school_id, s.plausible_values, s.weight,
        s.replicates, s.method, s.escs, cast(c.minimum as double) as minimum, cast(c.advanced as double) as advanced
    from measures.study_pupil s
    join cut c on c.study = s.study and c.subject = s.subject
),
-- weight of the pupils who stand lower by ESCS, of those who stand with the pupil and of all
status as (
    select
        year, country, level, subject, study, escs, plausible_values, weight, replicates, method,
        sum(cast(weight as decimal(24, 6))) over (
            partition by year, country, level, subject, study order by escs
        ) as up_to,
        sum(cast(weight as decimal(24, 6))) over (partition by year, country, level, subject, study, escs) as beside,
        sum(cast(weight as decimal(24, 6))) over (partition by year, country, level, subject, study) as everybody
    from pupil
    where escs is not null
),
quarter as (
    select
        year, country, level, subject, study, plausible_values, weight, replicates, method,
        4 * (up_to - beside) >= 3 * everybody as is_upper
    from status
    where 4 * (up_to - beside) < everybody or 4 * (up_to - beside) >= 3 * everybody
),
slope as (
    select
        year, country, level, subject, study,
        pv_regression(plausible_values, make_array(escs), weight, replicates, method) as coefficients
    from status
    group by year, country, level, subject, study
),
estimate as (
    select
        'ILS-01' as indicator, year, country, level, subject, study, '_T' as sex, '_T' as locality, 1 as scale,
        pv_mean(plausible_values, weight, replicates, method) as answer
    from pupil
    where study <> 'icils'
    group by year, country, level, subject, study
    union all
    select
        'ILS-02', year, country, level, subject, study, '_T', '_T', 100,
        pv_share_above(plausible_values, minimum, weight, replicates, method)
    from pupil
    where study <> 'icils'
    group by year, country, level, subject, study
    union all
    select
        'ILS-02', year, country, level, subject, study, sex, '_T', 100,
        pv_share_above(plausible_values, minimum, weight, replicates, method)
    from pupil
    where sex is not null and study <> 'icils'
    group by year, country, level, subject, study, sex
    union all
    select
        'ILS-03', year, country, level, subject, study, '_T', '_T', 100,
        pv_share_above(plausible_values, advanced, weight, replicates, method)
    from pupil
    group by year, country, level, subject, study
    union all
    select
        'ILS-05', year, country, level, subject, study, '_T', '_T', 100,
        pv_between_share(plausible_values, school_id, weight, replicates, method)
    from pupil
    group by year, country, level, subject, study
    union all
    select
        'ILS-06', year, country, level, subject, study, 'female', '_T', 1,
        pv_gap(plausible_values, sex = 'female', weight, replicates, method)
    from pupil
    where sex in ('female', 'male')
    group by year, country, level, subject, study
    union all
    select
        'ILS-06', year, country, level, subject, study, '_T', 'rural', 1,
        pv_gap(plausible_values, locality = 'rural', weight, replicates, method)
    from pupil
    where locality in ('rural', 'urban')
    group by year, country, level, subject, study
    union all
    select
        'ILS-04', year, country, level, subject, study, '_T', '_T', 1,
        pv_gap(plausible_values, is_upper, weight, replicates, method)
    from quarter
    group by year, country, level, subject, study
    union all
    select
        'ILS-08', year, country, level, subject, study, '_T', '_T', 1,
        pv_mean(plausible_values, weight, replicates, method)
    from pupil
    where study = 'icils'
    group by year, country, level, subject, study
    union all
    select
        'ILS-08-BELOW', year, country, level, subject, study, '_T', '_T', 100,
        pv_share_above(plausible_values, minimum, weight, replicates, method)
    from pupil
    where study = 'icils'
    group by year, country, level, subject, study
),
answer as (
    -- what is not above the cut is below it, with the same error
    select
        indicator, year, country, level, subject, study, sex, locality,
        case indicator when 'ILS-08-BELOW' then scale - scale * answer['estimate'] else scale * answer['estimate'] end
        as value,
        scale * answer['se'] as se, answer['n'] as n
    from estimate
    union all
    select
        'ILS-04-SLOPE', year, country, level, subject, study, '_T', '_T', coefficients[2]['estimate'],
        coefficients[2]['se'], coefficients[2]['n']
    from slope
    union all
    select
        'ILS-04-R2', year, country, level, subject, study, '_T', '_T', 100 * coefficients[3]['estimate'],
        100 * coefficients[3]['se'], coefficients[3]['n']
    from slope
)
select
    indicator, year, 'international' as tier, country as geo_code, level, sex, locality, '_T' as language,
    '_T' as ownership, '_T' as study_form, '_T' as grade, '_T' as age, subject, study as category,
    cast(null as double) as numerator, cast(null as double) as denominator, value, se, n, 'ok' as flag, 'final' as status, 'S10' as source,
    cast(null as varchar) as edition, cast(null as date) as published_on, cast(0 as int) as preference
from answer
where value is not null
