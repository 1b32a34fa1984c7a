//! How long does planning a question about one indicator take, whatever the size of the catalogue?
//!
//! `select * from mart.indicator where indicator = 'TCH-01' and tier = 'region' and year = 2024` over an empty lake, from the text
//! to the physical plan: as the first statement of a session, which plans the views it needs, and later, when
//! they are known. The goal is 20 ms.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bilim::config::Config;
use bilim::lake::{AsOf, Lake};
use bilim::session;
use bilim_bench::{median, runtime};
use datafusion::physical_plan::displayable;
use datafusion::prelude::SessionContext;

#[path = "../tests/it/analysis/enlarged.rs"]
mod enlarged;

const QUESTION: &str = "select * from mart.indicator where indicator = 'TCH-01' and tier = 'region' and \
    year = 2024";

/// Sessions whose median counts, and statements in each after the first.
const SESSIONS: usize = 9;
const LATER: usize = 5;

fn main() {
    let runtime = runtime();
    runtime.block_on(async { tokio::spawn(measure()).await }).unwrap();
}

async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::init(folder.path().join("lake").to_str().unwrap()).await.unwrap();
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let config = Config::default();
    let pool = session::runtime(&config).unwrap();
    let mut plans = Vec::new();
    println!("| indicators in the catalogue | first statement, median of {SESSIONS}, ms | later ones, ms |");
    println!("|---|---|---|");
    for times in [1, 5] {
        let definitions = Arc::new(enlarged::enlarged(times));
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for _ in 0..SESSIONS {
            let ctx = session::open(&config, Arc::clone(&pool), &definitions, &snapshot).unwrap();
            first.push(plan(&ctx).await.0);
            for _ in 0..LATER {
                let (time, plan) = plan(&ctx).await;
                later.push(time);
                plans.push(plan);
            }
        }
        let indicators = definitions.catalogue.indicators.len();
        println!("| {indicators} | {:.1} | {:.1} |", milliseconds(first), milliseconds(later));
    }
    assert!(
        plans[0].contains("TCH-01") && plans.iter().all(|plan| *plan == plans[0]),
        "the plan has changed"
    );
}

/// Time from the text to the physical plan, and the plan.
async fn plan(ctx: &SessionContext) -> (Duration, String) {
    let start = Instant::now();
    let plan = ctx.sql(QUESTION).await.unwrap().create_physical_plan().await.unwrap();
    (start.elapsed(), displayable(plan.as_ref()).indent(false).to_string())
}

/// Milliseconds of the median.
fn milliseconds(times: Vec<Duration>) -> f64 {
    median(times).as_secs_f64() * 1000.0
}
