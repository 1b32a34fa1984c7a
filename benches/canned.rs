//! How long does a canned indicator take, warm and embedded, with rollups and without?
//!
//! Every headline indicator at republic, region and district, in each of the last years, as `bilim indicator` asks for
//! it: from the text to the last row. Over the lake that `BILIM_LAKE` names, or over a synthetic country of scale
//! `BILIM_SCALE`. The goal with rollups is 10 ms at the median and 30 ms at the 99th percentile.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bilim::config::Config;
use bilim::definitions::Definitions;
use bilim::lake::{AsOf, Lake};
use bilim::session;
use bilim_bench::runtime;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::SessionContext;

/// Passes over all questions after the first.
const PASSES: usize = 5;
/// Years asked for, back from the last one that has enrolments.
const YEARS: i32 = 3;

fn main() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let lake = std::env::var("BILIM_LAKE").unwrap_or_else(|_| {
        let scale = std::env::var("BILIM_SCALE").unwrap_or_else(|_| "0.01".to_owned());
        let dir = folder.path().to_str().unwrap();
        // What went wrong is told, and the lake is not there.
        let _ =
            bilim::cli::run(["bilim", "demo", "--dir", dir, "--scale", &scale, "--quiet"].map(Into::into));
        folder.path().join("lake").to_str().unwrap().to_owned()
    });
    runtime.block_on(async { tokio::spawn(measure(lake)).await }).unwrap();
}

async fn measure(location: String) {
    let lake = Lake::open(&location).await.unwrap();
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let definitions = Arc::new(Definitions::built_in().unwrap());
    let plain = Config { use_rollups: false, ..Config::default() };
    let pool = session::runtime(&plain).unwrap();
    let start = Instant::now();
    let made = session::refresh(&Config::default(), &pool, &definitions, &snapshot, false).await.unwrap();
    let count: usize = made.iter().map(|one| one.made.len()).sum();
    println!("{count} rollups made in {:.1} s", start.elapsed().as_secs_f64());
    let records: u64 = snapshot.tables().map(|table| table.row_count()).sum();
    let last =
        snapshot.table("raw.s1_pupil").unwrap().files.iter().map(|file| file.partition[0]).max().unwrap();
    let questions = questions(&definitions, last);
    println!("{} questions over {records} rows of tables\n", questions.len());
    let cases = [
        ("without rollups", plain.clone()),
        ("rollups, nothing in memory", Config { rollup_memory_bytes: 0, ..Config::default() }),
        ("rollups", Config::default()),
    ];
    println!("| | first of a kind, p50 ms | p99 | warm p50 | warm p99 | of it planning, p50 |");
    println!("|---|---|---|---|---|---|");
    let mut answers: Option<Vec<String>> = None;
    for (name, config) in cases {
        let ctx = session::open(&config, Arc::clone(&pool), &definitions, &snapshot).unwrap();
        let (mut first, mut warm, mut planning, mut found) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for pass in 0..=PASSES {
            for question in &questions {
                let (planned, whole, rows) = ask(&ctx, question).await;
                if pass == 0 {
                    first.push(whole);
                    found.push(rows);
                } else {
                    warm.push(whole);
                    planning.push(planned);
                }
            }
        }
        match &answers {
            Some(answers) => assert_eq!(*answers, found, "{name}: other answers"),
            None => answers = Some(found),
        }
        println!(
            "| {name} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            percentile(&mut first, 50),
            percentile(&mut first, 99),
            percentile(&mut warm, 50),
            percentile(&mut warm, 99),
            percentile(&mut planning, 50),
        );
    }
}

/// What is asked.
fn questions(definitions: &Definitions, last: i32) -> Vec<String> {
    let mut questions = Vec::new();
    for indicator in definitions.catalogue.indicators.iter().filter(|indicator| indicator.is_headline) {
        for tier in ["republic", "region", "district"] {
            for year in last - YEARS + 1..=last {
                questions.push(format!(
                    "select * from mart.indicator where indicator = '{}' and tier = '{tier}' and level = '{}' and breakdown = \
                     'total' and year = {year} order by geo_code",
                    indicator.code, indicator.headline_level
                ));
            }
        }
    }
    questions
}

/// Time of planning, whole time, and the rows.
async fn ask(ctx: &SessionContext, question: &str) -> (Duration, Duration, String) {
    let start = Instant::now();
    let frame = ctx.sql(question).await.unwrap();
    let plan = frame.create_physical_plan().await.unwrap();
    let planned = start.elapsed();
    let rows = datafusion::physical_plan::collect(plan, ctx.task_ctx()).await.unwrap();
    let whole = start.elapsed();
    (planned, whole, pretty_format_batches(&rows).unwrap().to_string())
}

/// Milliseconds below which so many percent of the times are.
fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let at = (times.len() * percent).div_ceil(100).max(1) - 1;
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
