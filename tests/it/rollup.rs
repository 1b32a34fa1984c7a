//! Rollups: the same answers with and without, whatever happened to the lake; only what was touched is made again.

mod answers;
mod cache;
mod damage;
mod locality;
mod program;
mod touched;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use bilim::config::Config;
use bilim::lake::Snapshot;
use bilim::session::{self, Refreshed};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::displayable;
use datafusion::prelude::SessionContext;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config as Runs, TestRng, TestRunner};

use bilim_domain::records::Record;

use crate::equivalence::country;
use crate::equivalence::warehouse::definitions;
use crate::support::texts;

/// A session over a version, with or without rollups.
fn session(snapshot: &Snapshot, use_rollups: bool) -> SessionContext {
    session_as(snapshot, &Config { use_rollups, ..Config::default() })
}

fn session_as(snapshot: &Snapshot, config: &Config) -> SessionContext {
    session::open(config, Arc::clone(runtime()), definitions(), snapshot).unwrap()
}

fn runtime() -> &'static Arc<RuntimeEnv> {
    static RUNTIME: OnceLock<Arc<RuntimeEnv>> = OnceLock::new();
    RUNTIME.get_or_init(|| session::runtime(&Config::default()).unwrap())
}

/// Make what a version lacks.
async fn refresh(snapshot: &Snapshot) -> Vec<Refreshed> {
    session::refresh(&Config::default(), runtime(), definitions(), snapshot, false).await.unwrap()
}

/// What a version lacks: measure set and partitions.
async fn missing(snapshot: &Snapshot) -> Vec<(String, Vec<Vec<i32>>)> {
    let config = Config::default();
    let planned = session::refresh(&config, runtime(), definitions(), snapshot, true).await.unwrap();
    let lacking = planned.into_iter().filter(|one| !one.made.is_empty());
    lacking.map(|one| (one.measure, one.made)).collect()
}

/// Rows of a statement as texts, in an order of their own.
async fn rows(ctx: &SessionContext, sql: &str) -> Vec<Vec<String>> {
    let mut rows = texts(&ctx.sql(sql).await.unwrap().collect().await.unwrap());
    rows.sort();
    rows
}

/// The plan of a statement as `EXPLAIN` shows it.
async fn plan(ctx: &SessionContext, sql: &str) -> String {
    let plan = ctx.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
    displayable(plan.as_ref()).indent(false).to_string()
}

/// The `number`-th random country; the same every time.
fn country_of(number: u64) -> Vec<Record> {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Runs::default(), rng);
    country::country().new_tree(&mut runner).unwrap().current()
}

/// Measure sets that have rollups by partition, and those that have one.
fn measures() -> BTreeSet<&'static str> {
    definitions().catalogue.measures.keys().map(String::as_str).collect()
}
