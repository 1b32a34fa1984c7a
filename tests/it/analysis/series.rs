//! Dynamics, spans, trends, decomposition and rank intervals.

use std::collections::BTreeMap;

use bilim_domain::decomposition::{Part, kitagawa};
use bilim_domain::distribution::student_critical;
use bilim_domain::dynamics::{Change, Observation, index_to_base};
use bilim_domain::ranking::{Direction, Position, intervals, rank};
use bilim_domain::trend::Trend;
use bilim_domain::year::Year;
use proptest::prelude::*;

use super::cells::{Cell, is_near, numbers, session};
use crate::support::block_on;

fn config() -> ProptestConfig {
    ProptestConfig { cases: 12, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() }
}

/// Years with a value and perhaps a standard error, some years missing.
fn years() -> impl Strategy<Value = BTreeMap<i32, (f64, Option<f64>)>> {
    prop::collection::btree_map(2001..2016, (-50.0_f64..500.0, prop::option::of(0.1_f64..40.0)), 2..11)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn trends_and_spans_equal_the_oracle(years in years()) {
        let cells = years.iter().map(|(year, (value, se))| Cell { se: *se, ..Cell::of(*year, *value) }).collect::<Vec<_>>();
        let points: Vec<(f64, f64)> = years.iter().map(|(year, (value, _))| (f64::from(*year), *value)).collect();
        let (trends, spans, dynamics) = block_on(async move {
            let ctx = session(&cells).await;
            (
                numbers(&ctx, "select slope, slope_se, slope_theil_sen, cast(significant as int) from mart.trend").await,
                numbers(
                    &ctx,
                    "select year_from, year, change, change_pct, cagr, index, change_se, cast(significant as int) from mart.span",
                )
                .await,
                numbers(&ctx, "select year_prev, year, change, change_pct, index_base, base_year from mart.dynamics order by year").await,
            )
        });
        let trend = Trend::of(&points).unwrap();
        let critical = u32::try_from(points.len() - 2).ok().and_then(|degrees| student_critical(1.96, degrees));
        let is_significant = trend
            .slope_se
            .filter(|se| *se > 0.0)
            .zip(critical)
            .map(|(se, critical)| f64::from(u8::from(trend.slope.abs() / se > critical)));
        let expected = [Some(trend.slope), trend.slope_se, Some(trend.theil_sen), is_significant];
        prop_assert_eq!(trends.len(), 1);
        for (found, expected) in trends[0].iter().zip(expected) {
            prop_assert!(is_near(*found, expected), "{:?} {:?}", trends[0], expected);
        }
        let count = years.len();
        prop_assert_eq!(spans.len(), count * (count - 1) / 2);
        let at = |year: Option<f64>| *years.iter().find(|(known, _)| Some(f64::from(**known)) == year).unwrap().0;
        for row in &spans {
            let (from, to) = (at(row[0]), at(row[1]));
            let ((value_0, se_0), (value_1, se_1)) = (years[&from], years[&to]);
            let change = change(from, value_0, to, value_1);
            let se = se_0.zip(se_1).map(|(one, other)| (one * one + other * other).sqrt());
            let is_significant = se.map(|se| f64::from(u8::from((value_1 - value_0).abs() / se > 1.96)));
            let expected = [
                change.absolute,
                change.percent,
                change.annual_growth_percent,
                index_to_base(Some(value_0), Some(value_1)),
                se,
                is_significant,
            ];
            for (found, expected) in row[2..].iter().zip(expected) {
                prop_assert!(is_near(*found, expected), "{:?} {:?}", row, expected);
            }
        }
        for (row, (before, now)) in dynamics[1..].iter().zip(points.iter().zip(&points[1..])) {
            let change = change(at(Some(before.0)), before.1, at(Some(now.0)), now.1);
            let index = index_to_base(Some(points[0].1), Some(now.1));
            let expected = [Some(before.0), Some(now.0), change.absolute, change.percent, index, Some(points[0].0)];
            for (found, expected) in row.iter().zip(expected) {
                prop_assert!(is_near(*found, expected), "{:?} {:?}", row, expected);
            }
        }
    }

    #[test]
    fn a_decomposition_equals_the_oracle_and_adds_up(
        parts in prop::collection::vec((0_usize..5, 0_i32..3, 0_u32..400, 1_u32..400), 2..16)
    ) {
        const REGIONS: [&str; 5] = ["110000000", "150000000", "190000000", "230000000", "270000000"];
        let parts: BTreeMap<(usize, i32), (u32, u32)> =
            parts.into_iter().map(|(region, year, numerator, more)| ((region, year), (numerator, numerator + more))).collect();
        let cells: Vec<Cell> = parts
            .iter()
            .map(|((region, year), (numerator, denominator))| Cell {
                geo: REGIONS[*region].to_owned(),
                ..Cell::ratio(2020 + year, f64::from(*numerator), f64::from(*denominator))
            })
            .collect();
        let rows = block_on(async move {
            let ctx = session(&cells).await;
            let sql = "select year_from, year, cast(member as double), composition_effect, rate_effect, composition_total, \
                       rate_total, change from mart.decomposition where factor = 'region' order by 1, 2, 3";
            numbers(&ctx, sql).await
        });
        let mut expected = Vec::new();
        for (from, to) in [(0, 1), (0, 2), (1, 2)] {
            let part = |region: usize, year: i32| {
                parts.get(&(region, year)).map(|(n, d)| Part { numerator: f64::from(*n), denominator: f64::from(*d) })
            };
            let members: Vec<usize> =
                (0..5).filter(|region| part(*region, from).is_some() || part(*region, to).is_some()).collect();
            let pairs: Vec<_> = members.iter().map(|region| (part(*region, from), part(*region, to))).collect();
            if let Some(effects) = kitagawa(&pairs) {
                for (region, effect) in members.iter().zip(effects) {
                    let code: f64 = REGIONS[*region].parse().unwrap();
                    expected.push([f64::from(2020 + from), f64::from(2020 + to), code, effect.composition * 100.0, effect.rate * 100.0]);
                }
            }
        }
        prop_assert_eq!(rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(expected) {
            for (found, expected) in row.iter().zip(expected) {
                prop_assert!(is_near(*found, Some(expected)), "{:?} {:?}", row, expected);
            }
            let (sum, change) = (row[5].unwrap() + row[6].unwrap(), row[7].unwrap());
            prop_assert!((sum - change).abs() <= 1e-12 * (1.0 + change.abs()), "{} {}", sum, change);
        }
    }

    #[test]
    fn rank_intervals_equal_the_oracle(units in prop::collection::vec((0_u32..60, prop::option::of(0.0_f64..4.0)), 1..14)) {
        let cells: Vec<Cell> = units
            .iter()
            .enumerate()
            .map(|(index, (value, se))| Cell {
                geo: format!("{}", 110_000_000 + index * 40_000_000),
                se: *se,
                ..Cell::ratio(2024, f64::from(*value), 60.0)
            })
            .collect();
        let values: Vec<f64> = cells.iter().map(|cell| cell.value).collect();
        let rows = block_on(async move {
            let ctx = session(&cells).await;
            numbers(&ctx, "select rank, rank_low, rank_high from mart.ranking order by cast(geo_code as bigint)").await
        });
        let ranks = rank(&values.iter().copied().map(Some).collect::<Vec<_>>(), Direction::Higher, 1).unwrap();
        let positions: Vec<Position> = values
            .iter()
            .zip(&units)
            .map(|(value, (_, se))| Position { position: -bilim_domain::rounding::round_half_away(*value, 1), se: *se })
            .collect();
        for ((row, rank), interval) in rows.iter().zip(ranks).zip(intervals(&positions, 1.96)) {
            let expected = [rank.unwrap().rank, interval.low, interval.high].map(|number| Some(f64::from(number)));
            prop_assert_eq!(row.as_slice(), expected.as_slice());
        }
        prop_assert_eq!(rows.len(), units.len());
    }
}

fn change(from: i32, value_0: f64, to: i32, value_1: f64) -> Change {
    let at = |year: i32, value| Observation { year: Year::try_from(year).unwrap(), value: Some(value) };
    Change::between(at(from, value_0), at(to, value_1)).unwrap()
}
