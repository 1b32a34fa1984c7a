//! With rollups = without, on random countries that are corrected, at the newest and at earlier versions.
//!
//! A comparison is one (lake, indicator, tier, breakdown). `BILIM_ROLLUP_LAKES` asks for more lakes.

use std::collections::BTreeSet;

use bilim::config::{Audience, Config, Lens};
use bilim::definitions::Indicator;
use bilim::lake::{AsOf, Snapshot};
use bilim_domain::records::Record;
use tokio::task::JoinSet;

use super::{country_of, measures, refresh, rows, session, session_as};
use crate::equivalence::warehouse::{Warehouse, block_on, definitions};

/// Lakes of a run, indicators of a kind at a time, comparisons that a run must make at least.
const LAKES: u64 = 3;
const INDICATORS: usize = 2;
const COMPARISONS: usize = 500;

#[test]
fn answers_from_rollups_are_those_from_records() {
    let lakes = std::env::var("BILIM_ROLLUP_LAKES").ok().and_then(|text| text.parse().ok()).unwrap_or(LAKES);
    let compared: usize = block_on(async move {
        let mut running: JoinSet<usize> = JoinSet::new();
        for number in 0..lakes {
            running.spawn(of_lake(number));
        }
        running.join_all().await.into_iter().sum()
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
    if number.is_multiple_of(2) {
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
    measures_agree(&second, "partly covered").await;
    compared += compare(&second, 4 * number, "partly covered").await;
    refresh(&second).await;
    measures_agree(&second, "covered").await;
    compared += compare(&second, 4 * number + 1, "covered").await;
    compared += compare(&first, 4 * number + 2, "time travel").await;
    for lens in [
        Lens { vintage: Some("2018".to_owned()), ..Lens::default() },
        Lens { audience: Audience::Public, ..Lens::default() },
    ] {
        let with = session_as(&second, &Config { lens: lens.clone(), ..Config::default() });
        let without =
            session_as(&second, &Config { lens: lens.clone(), use_rollups: false, ..Config::default() });
        for code in codes(4 * number + 3).into_iter().take(3) {
            compared += of_indicator(&with, &without, code, &format!("{lens:?}")).await;
        }
    }
    compared
}

/// Every measure set, whole.
async fn measures_agree(snapshot: &Snapshot, when: &str) {
    let (with, without) = (session(snapshot, true), session(snapshot, false));
    for measure in measures() {
        let sql = format!("select * from measures.{measure}");
        let (left, right) = (rows(&with, &sql).await, rows(&without, &sql).await);
        assert_eq!(left, right, "{when}: {measure}");
    }
}

/// Some indicators.
async fn compare(snapshot: &Snapshot, number: u64, when: &str) -> usize {
    let (with, without) = (session(snapshot, true), session(snapshot, false));
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

/// Indicators of sums: in turn one of all, and one of those that are broken down most.
fn codes(number: u64) -> Vec<&'static str> {
    let cells = |indicator: &Indicator| -> usize {
        let sums = indicator.derivations.iter().filter(|derivation| derivation.numerator.is_some());
        sums.map(|derivation| derivation.tiers.len() * derivation.breakdowns.len()).sum()
    };
    let of_sums = definitions().catalogue.indicators.iter().filter(|indicator| cells(indicator) > 0);
    let mut all: Vec<(&str, usize)> =
        of_sums.map(|indicator| (indicator.code.as_str(), cells(indicator))).collect();
    let start = usize::try_from(number).unwrap() * INDICATORS;
    let in_turn = |list: &[(&'static str, usize)], at: usize| list[(start + at) % list.len()].0;
    let mut codes: Vec<&str> = (0..INDICATORS).map(|at| in_turn(&all, at)).collect();
    all.sort_by_key(|(_, cells)| std::cmp::Reverse(*cells));
    all.truncate(all.len() / 4);
    codes.extend((0..INDICATORS).map(|at| in_turn(&all, at)));
    codes
}
