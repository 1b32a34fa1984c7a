//! Ratings: components, rules and scenarios equal the formulas of the domain crate.

use bilim_domain::rating::{Missing, Normalisation, composite, design, normalise};
use bilim_domain::rounding::round_half_away;
use datafusion::prelude::SessionContext;
use proptest::prelude::*;

use super::cells::{Cell, define, is_near, numbers, run, session};
use crate::support::block_on;

/// Components of one rating; the second is better when lower.
const CODES: [&str; 3] = ["A-01", "B-01", "C-01"];
const WEIGHTS: [f64; 3] = [0.5, 0.3, 0.2];

/// Ratings over values of units: (unit, component) -> value.
async fn rated(normalisation: &str, missing: &str, values: &[Vec<Option<f64>>]) -> SessionContext {
    let ctx = session(&[Cell::of(2024, 1.0)]).await;
    let rating = format!(
        "create view ref.rating as select 'r' as rating, '{normalisation}' as normalisation, '{missing}' as missing"
    );
    run(&ctx, &rating).await;
    let weights: Vec<String> = CODES
        .iter()
        .zip(WEIGHTS)
        .map(|(code, weight)| format!("('r', '{code}', 'school', {weight})"))
        .collect();
    run(
        &ctx,
        &format!("create view ref.rating_weight as select * from (values {}) as w (rating, indicator, level, weight)", weights.join(", ")),
    )
    .await;
    run(&ctx, "drop view ref.indicator_ranked").await;
    run(
        &ctx,
        "create view ref.indicator_ranked as select indicator, cast(1 as int) as definition_version, direction, cast(target as \
         double) as target, cast(0 as bigint) as min_n from (values ('A-01', 'higher', null), ('B-01', 'lower', null), ('C-01', \
         'target', 10)) as d (indicator, direction, target)",
    )
    .await;
    let mut rows = Vec::new();
    for (unit, components) in values.iter().enumerate() {
        for (code, value) in CODES.iter().zip(components) {
            let value =
                value.map_or("cast(null as double)".to_owned(), |value| format!("cast({value} as double)"));
            rows.push(format!(
                "select 'r' as rating, '{code}' as indicator, cast(1 as int) as definition_version, cast(2024 as int) as year, \
                 'region' as tier, cast(null as bigint) as geo_id, '{unit}' as geo_code, '' as geo_name_kk, '' as geo_name_ru, '' \
                 as geo_name_en, 'KZ' as parent_code, 'school' as level, {value} as value, cast(50 as bigint) as n, 'x' as unit"
            ));
        }
    }
    run(&ctx, &format!("create table mart.rating_input as {}", rows.join(" union all "))).await;
    define(&ctx, "rankings/rating_component", "mart").await;
    define(&ctx, "ref/rating_scenario", "ref").await;
    define(&ctx, "rankings/rating_scenario", "mart").await;
    define(&ctx, "rankings/rating", "mart").await;
    ctx
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ratings_equal_the_oracle(
        values in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.8, (0_i32..40).prop_map(f64::from)), 3), 2..9),
        normalisation in 0_usize..3,
        missing in 0_usize..3,
    ) {
        let (name, normalisation) = [
            ("min_max", Normalisation::MinMax), ("z_score", Normalisation::ZScore), ("rank", Normalisation::Rank),
        ][normalisation];
        let (rule, missing) =
            [("renormalise", Missing::Renormalise { least: 0.5 }), ("exclude", Missing::Exclude), ("zero", Missing::Zero)][missing];
        let given = values.clone();
        let rows = block_on(async move {
            let ctx = rated(name, rule, &given).await;
            numbers(&ctx, "select cast(geo_code as int), score, rank, rank_low, rank_high, kept_share from mart.rating order by 1").await
        });
        let goodness = |component: usize, value: f64| match component {
            0 => value,
            1 => -value,
            _ => -(value - 10.0).abs(),
        };
        let scores: Vec<Vec<Option<f64>>> = (0..3)
            .map(|component| {
                let of_units: Vec<Option<f64>> =
                    values.iter().map(|unit| unit[component].map(|value| goodness(component, value))).collect();
                normalise(&of_units, normalisation)
            })
            .collect();
        // A unit without any component has no row.
        let units: Vec<usize> = (0..values.len()).filter(|unit| values[*unit].iter().any(Option::is_some)).collect();
        let ranks = |weights: &[f64]| -> Vec<Option<(f64, usize)>> {
            let composites: Vec<Option<f64>> = units
                .iter()
                .map(|unit| {
                    let own: Vec<Option<f64>> = scores.iter().map(|of_units| of_units[*unit]).collect();
                    composite(&own, weights, &WEIGHTS, missing).map(|score| round_half_away(score, 2))
                })
                .collect();
            let rank = |own: f64| 1 + composites.iter().flatten().filter(|other| **other > own).count();
            composites.iter().map(|own| own.map(|own| (own, rank(own)))).collect()
        };
        let base = ranks(&WEIGHTS);
        let moved: Vec<Vec<Option<(f64, usize)>>> = design(&WEIGHTS, 0.2).iter().map(|weights| ranks(weights)).collect();
        prop_assert_eq!(rows.len(), units.len());
        for (index, row) in rows.iter().enumerate() {
            let Some((score, rank)) = base[index] else {
                prop_assert!(row[1..].iter().all(Option::is_none), "{:?}", row);
                continue;
            };
            // Two orders of adding may round one hundredth apart, and change a tie with it.
            prop_assert!((row[1].unwrap() - score).abs() < 0.0101, "{:?} {}", row, score);
            let others: Vec<usize> = moved.iter().filter_map(|ranks| ranks[index].map(|(_, rank)| rank)).collect();
            let is_tied = is_near_tie(&base, index) || moved.iter().any(|ranks| is_near_tie(ranks, index));
            if is_tied {
                continue;
            }
            let number = |value: usize| Some(f64::from(u32::try_from(value).unwrap()));
            let kept = others.iter().filter(|other| other.abs_diff(rank) <= 1).count();
            let share = number(kept).unwrap() * 100.0 / number(others.len()).unwrap();
            let low = others.iter().copied().min().unwrap().min(rank);
            let high = others.iter().copied().max().unwrap().max(rank);
            let expected = [number(rank), number(low), number(high), Some(share)];
            for (found, expected) in row[2..].iter().zip(expected) {
                prop_assert!(is_near(*found, expected), "{:?} {:?}", row, expected);
            }
        }
    }
}

/// Is another unit within two hundredths, so that rounding decides?
fn is_near_tie(ranks: &[Option<(f64, usize)>], index: usize) -> bool {
    let Some((own, _)) = ranks[index] else { return false };
    let is_near = |other: &Option<(f64, usize)>| {
        other.is_some_and(|(other, _)| (other - own).abs() < 0.021 && (other - own).abs() > 0.0)
    };
    ranks.iter().any(is_near)
}
