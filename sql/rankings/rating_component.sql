-- mart: rating_component
-- grain:  one row per (rating, year, tier, geo_code, indicator, level): a known component of a unit's rating
-- unit:   score by the rating's normalisation among the units of its tier: min_max 0 to 100, z_score standard deviations
--         above the mean, rank the percent of the others that are not better; more is better whatever the indicator's direction
-- nulls:  a component without a value, or with fewer persons than its definition asks for, has no row
-- source: mart.rating_input (written from ref.rating and ref.rating_weight), ref.indicator_ranked
with known as (
    select
        i.*, s.normalisation, s.missing, w.weight,
        case d.direction when 'higher' then i.value when 'lower' then -i.value else -abs(i.value - d.target) end as goodness
    from mart.rating_input i
    join ref.rating s on s.rating = i.rating
    join ref.rating_weight w on w.rating = i.rating and w.indicator = i.indicator and w.level = i.level
    join ref.indicator_ranked d on d.indicator = i.indicator and d.definition_version = i.definition_version
    where i.value is not null and coalesce(i.n, d.min_n) >= d.min_n and not (i.tier = 'district' and i.geo_code = i.parent_code)
),
compared as (
    select
        *,
        min(goodness) over cell as least, max(goodness) over cell as most, avg(goodness) over cell as mean,
        stddev_pop(goodness) over cell as deviation, count(*) over cell as unit_count,
        rank() over (partition by rating, indicator, level, year, tier order by goodness desc) as place
    from known
    window cell as (partition by rating, indicator, level, year, tier)
)
select
    rating, year, tier, geo_id, geo_code, geo_name_kk, geo_name_ru, geo_name_en, parent_code, indicator, level, value, unit,
    weight, normalisation, missing,
    case normalisation
        when 'min_max' then case when most > least then (goodness - least) * 100 / (most - least) else 50.0 end
        when 'z_score' then case when most > least then (goodness - mean) / deviation else 0.0 end
        else case when unit_count > 1 then cast(unit_count - place as double) * 100 / (unit_count - 1) else 50.0 end
    end as score
from compared
