-- step:   cells with the territory they hold and the members of our dimensions
-- grain:  one row per (edition, series, study_form, locality, sex, kato, year)
-- why:    the row "Туркестанская" is said to hold South Kazakhstan for 2000-2017, but sums to the
--         country prove that it does so only where Shymkent's cell is empty; where Shymkent has a
--         number the row leaves Shymkent out. Until 2017 South Kazakhstan (510000000) is therefore
--         the sum of the two rows, and Shymkent is kept as its city (511000000)
-- why:    until 2007 the tables by locality, and those of girls, leave evening schools out
-- why:    an empty ratio or opening of Shymkent before it was a region is not a zero
with formed as (
    select
        edition, row_ref, series, school_kind, region_name, year, period_label, raw, value, flag, printed_kato,
        case sex when 'all' then '_T' else sex end as sex,
        case locality when 'total' then '_T' else locality end as locality,
        case
            when school_kind = 'day' then 'full'
            when school_kind = 'evening' then 'evening'
            when series in ('pupils', 'schools') and year < 2008 and (locality <> 'total' or sex <> 'all') then 'full'
            else '_T'
        end as study_form
    from cell
),
-- girls of all schools until 2007 repeat girls of day schools, which are printed on their own
unrepeated as (
    select * from formed
    where not (series = 'pupils' and school_kind = 'all' and sex = 'female' and locality = '_T' and year < 2008)
),
shymkent as (
    select edition, series, study_form, locality, sex, year, value
    from unrepeated
    where printed_kato = 790000000 and year <= 2017 and value is not null
)
select
    u.edition, u.row_ref, u.series, u.study_form, u.locality, u.sex, u.year, u.period_label, u.region_name, u.raw,
    case
        when u.year > 2017 then u.printed_kato
        when u.printed_kato = 610000000 then 510000000
        when u.printed_kato = 790000000 then 511000000
        else u.printed_kato
    end as kato,
    case
        when u.year <= 2017 and u.printed_kato = 610000000 then u.value + coalesce(s.value, 0)
        when u.flag = 'nil' and u.year <= 2017 and u.printed_kato = 790000000 and u.study_form = '_T' then null
        when u.flag = 'nil' then cast(0 as decimal(24, 6))
        else u.value
    end as value,
    case
        when u.flag = 'nil' and u.year <= 2017 and u.printed_kato = 790000000 and u.study_form = '_T'
        then 'not_available'
        else u.flag
    end as flag,
    s.value is not null and u.printed_kato = 610000000 as is_sum
from unrepeated u
left join shymkent s
    on s.edition = u.edition and s.series = u.series and s.study_form = u.study_form and s.locality = u.locality
    and s.sex = u.sex and s.year = u.year
