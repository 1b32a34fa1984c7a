//! How long does planning a question about one indicator take, whatever the size of the catalogue?
//!
//! `select * from mart.indicator where indicator = 'TCH-01' and tier = 'region' and year = 2024`, from the text to the
//! physical plan: as the first statement of a session, again in the same session, and, in a session that has planned
//! another indicator, as its first. Nothing runs in between, so no answer is in memory. The goal is 20 ms.
//!
//! Over an empty lake; `-- FOLDER` for the lake in a folder.
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

const OTHER: &str =
    "select * from mart.indicator where indicator = 'TCH-04' and tier = 'region' and year = 2024";

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sessions whose median counts, and statements in each after the first.
const SESSIONS: usize = 9;
const LATER: usize = 5;

fn main() {
    let runtime = runtime();
    runtime.block_on(async { tokio::spawn(measure()).await }).unwrap();
}

async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let lake = match named {
        Some(lake) => Lake::open(&lake).await.unwrap(),
        None => Lake::init(folder.path().join("lake").to_str().unwrap()).await.unwrap(),
    };
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let config = Config::default();
    let pool = session::runtime(&config).unwrap();
    let mut plans = Vec::new();
    println!(
        "| indicators in the catalogue | first of {SESSIONS} sessions, ms | again, ms | first after another indicator, ms |"
    );
    println!("|---|---|---|---|");
    for times in [1, 5] {
        let definitions = Arc::new(enlarged::enlarged(times));
        let (mut first, mut later, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..SESSIONS {
            let open = || session::open(&config, Arc::clone(&pool), &definitions, &snapshot).unwrap();
            let ctx = open();
            let (time, as_new) = plan(&ctx, QUESTION).await;
            first.push(time);
            for _ in 0..LATER {
                let (time, again) = plan(&ctx, QUESTION).await;
                later.push(time);
                assert_eq!(as_new, again);
            }
            let ctx = open();
            plan(&ctx, OTHER).await;
            after.push(plan(&ctx, QUESTION).await.0);
            plans.push(as_new);
        }
        let indicators = definitions.catalogue.indicators.len();
        let [first, later, after] = [first, later, after].map(milliseconds);
        println!("| {indicators} | {first:.1} | {later:.1} | {after:.1} |");
    }
    assert!(
        plans[0].contains("TCH-01") && plans.iter().all(|plan| *plan == plans[0]),
        "the plan has changed"
    );
}

/// Time from the text to the physical plan, and the plan.
async fn plan(ctx: &SessionContext, question: &str) -> (Duration, String) {
    let start = Instant::now();
    let plan = ctx.sql(question).await.unwrap().create_physical_plan().await.unwrap();
    (start.elapsed(), displayable(plan.as_ref()).indent(false).to_string())
}

/// Milliseconds of the median.
fn milliseconds(times: Vec<Duration>) -> f64 {
    median(times).as_secs_f64() * 1000.0
}
