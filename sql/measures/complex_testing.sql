-- measure: complex_testing
-- grain:   one row per (year, region, district, level = NA, sex, language); level is final
-- unit:    persons with a valid testing, each once a year and region; passed = in one wave the total and every block
--          taken reach the minimum
-- nulls:   an annulled testing is not counted
-- source:  form S8.KT; ref.parameter complex_testing_pass, complex_testing_pass_profile, complex_testing_min_<block>
with testing as (
    select
        k.year, k.region, k.district, k.pid, k.sex, k.language, k.wave, max(k.total) as total,
        max(p.value) as total_min,
        min(case when k.score >= coalesce(b.value, 0) then 1 else 0 end) as blocks_met
    from staging.s8_kt k
    join ref.parameter_year p
        on p.year = k.year
        and p.name = case k.direction
            when 'profile' then 'complex_testing_pass_profile' else 'complex_testing_pass'
        end
    left join ref.parameter_year b on b.year = k.year and b.name = concat('complex_testing_min_', k.block)
    where k.is_valid
    group by k.year, k.region, k.district, k.pid, k.sex, k.language, k.wave
),
ranked as (
    select
        *, case when blocks_met = 1 and total >= total_min then 1 else 0 end as is_passed,
        row_number() over (
            partition by year, region, pid
            -- the places last: a correction may leave blocks of one wave in two districts
            order by case when blocks_met = 1 and total >= total_min then 0 else 1 end, total desc, wave, district, language, sex
        ) as testing_rank
    from testing
)
select
    year, region, district, 'NA' as level, sex, language, count(*) as person_count, sum(is_passed) as passed_count
from ranked
where testing_rank = 1
group by year, region, district, sex, language
