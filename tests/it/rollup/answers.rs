//! With rollups = without, on random countries that are corrected, at the newest and at earlier versions.
//!
//! A comparison is one (lake, indicator, tier, breakdown). `BILIM_ROLLUP_LAKES` asks for more lakes.

use std::collections::BTreeSet;

use bilim::config::{Audience, Config, Lens};
use bilim::lake::{AsOf, Snapshot};
use bilim_domain::records::Record;

use super::{country_of, measures, refresh, rows, session, session_as};
use crate::equivalence::warehouse::{Warehouse, block_on, definitions};

/// Lakes of a run, indicators of a lake, comparisons that a run must make at least.
const LAKES: u64 = 3;
const INDICATORS: usize = 3;
const COMPARISONS: usize = 500;

#[test]
fn answers_from_rollups_are_those_from_records() {
    let lakes = std::env::var("BILIM_ROLLUP_LAKES").ok().and_then(|text| text.parse().ok()).unwrap_or(LAKES);
    let compared = block_on(async move {
        let mut compared = 0;
        for number in 0..lakes {
            compared += of_lake(number).await;
        }
        compared
    });
    eprintln!("{compared} comparisons of (lake, indicator, tier, breakdown)");
    assert!(compared >= COMPARISONS, "only {compared} comparisons");
}

/// A country, corrected by part of another one over the same organisations: closures, moves, other learners.
async fn of_lake(number: u64) -> usize {
    let warehouse = Warehouse::new().await;
    warehouse.submit(&country_of(2 * number)).await;
    let first = warehouse.snapshot(AsOf::Latest).await;
    // Every other lake is corrected before it has any rollup.
    if number % 2 == 0 {
        refresh(&first).await;
    }
    // Results of the test are corrected result by result: half a sitting of another organisation is no sitting.
    let is_corrected = |record: &Record| record.form().code() != "S7.UNT";
    let correction: Vec<Record> = country_of(2 * number + 1)
        .into_iter()
        .filter(is_corrected)
        .enumerate()
        .filter(|(at, record)| at % 3 != 0 || record.form().code() == "S1.ORG")
        .map(|(_, record)| record)
        .collect();
    warehouse.submit(&correction).await;
    let second = warehouse.snapshot(AsOf::Latest).await;
    assert!(second.number() > first.number());
    let mut compared = 0;
    // Some partitions have rollups, some have not; the earlier version goes on having its own.
    compared += compare(&second, number, "partly covered").await;
    refresh(&second).await;
    compared += compare(&second, number + 1, "covered").await;
    compared += compare(&first, number + 2, "time travel").await;
    for lens in [
        Lens { vintage: Some("2018".to_owned()), ..Lens::default() },
        Lens { audience: Audience::Public, ..Lens::default() },
    ] {
        let with = session_as(&second, Config { lens: lens.clone(), ..Config::default() });
        let without =
            session_as(&second, Config { lens: lens.clone(), use_rollups: false, ..Config::default() });
        for code in codes(number + 3).into_iter().take(2) {
            compared += of_indicator(&with, &without, code, &format!("{lens:?}")).await;
        }
    }
    compared
}

/// Every measure set, and some indicators.
async fn compare(snapshot: &Snapshot, number: u64, when: &str) -> usize {
    let (with, without) = (session(snapshot, true), session(snapshot, false));
    for measure in measures() {
        let sql = format!("select * from measures.{measure}");
        let (left, right) = (rows(&with, &sql).await, rows(&without, &sql).await);
        assert_eq!(left, right, "lake {number}, {when}: {measure}");
    }
    let mut compared = 0;
    for code in codes(number) {
        compared += of_indicator(&with, &without, code, when).await;
    }
    compared
}

/// All tiers and breakdowns of an indicator; the result is how many of them there are.
async fn of_indicator(
    with: &datafusion::prelude::SessionContext,
    without: &datafusion::prelude::SessionContext,
    code: &str,
    when: &str,
) -> usize {
    let all = format!("select * from mart.indicator where indicator = '{code}'");
    let organisations = format!("{all} and tier = 'organisation' and breakdown = 'total'");
    let mut cells = BTreeSet::new();
    for sql in [all, organisations] {
        let (left, right) = (rows(with, &sql).await, rows(without, &sql).await);
        assert_eq!(left, right, "{when}: {sql}");
        cells.extend(left.into_iter().map(|row| (row[4].clone(), row[12].clone())));
    }
    cells.len()
}

/// Indicators of one lake: those of sums, in turn.
fn codes(number: u64) -> Vec<&'static str> {
    let of_sums: Vec<&str> = definitions()
        .catalogue
        .indicators
        .iter()
        .filter(|indicator| indicator.derivations.iter().any(|derivation| derivation.numerator.is_some()))
        .map(|indicator| indicator.code.as_str())
        .collect();
    let start = usize::try_from(number).unwrap() * INDICATORS * 3;
    (0..INDICATORS).map(|at| of_sums[(start + at) % of_sums.len()]).collect()
}
