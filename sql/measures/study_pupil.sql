-- measure: study_pupil
-- grain:   one row per (year, study, country, school_id, pupil_id, subject)
-- unit:    plausible values in points of the study's scale; weight and replicate weights in persons, in the order of
--          their numbers
-- nulls:   a pupil without a final weight has no row; sex, locality and escs are NULL where the study does not hold them
-- source:  forms S10.PV, S10.REPLICATE, S10.PUPIL
-- The method of replication and the level are those of the study (ref.study_design).
with plausible as (
    select
        year, study, country, school_id, pupil_id, subject,
        array_agg(cast(value as double) order by pv) as plausible_values
    from staging.s10_pv
    group by year, study, country, school_id, pupil_id, subject
),
weighted as (
    select
        year, study, country, school_id, pupil_id,
        max(case when replicate = 0 then cast(weight as double) end) as weight,
        array_agg(cast(weight as double) order by replicate) filter (where replicate > 0) as replicates
    from staging.s10_replicate
    group by year, study, country, school_id, pupil_id
)
select
    p.year, p.study, p.country, p.school_id, p.pupil_id, p.subject, d.level, d.method, u.sex, u.locality,
    cast(u.escs as double) as escs, p.plausible_values, w.weight, w.replicates
from plausible p
join weighted w
    on w.year = p.year and w.study = p.study and w.country = p.country and w.school_id = p.school_id
    and w.pupil_id = p.pupil_id
join ref.study_design d on d.study = p.study
left join staging.s10_pupil u
    on u.year = p.year and u.study = p.study and u.country = p.country and u.school_id = p.school_id
    and u.pupil_id = p.pupil_id
where w.weight is not null
