//! What does each rewrite of plans bring? Statements over a caller's files with all rewrites and without one of them.
//!
//! `rewrites FOLDER [WORD]`: a folder of Parquet files with `year=` and `region=` subfolders and the columns `district`,
//! `org_bin`, `person`, `subject`, `language`, `sex`, `mark`; only statements whose name holds the word. Runs alternate
//! in one process; medians of processor time, which a busy machine disturbs less than the time on the wall.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::path::Path;

use bilim::config::Config;
use bilim::session;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::SessionContext;

const RUNS: usize = 5;
const STATEMENTS: [(&str, &str, &str); 12] = [
    (
        "by partition",
        "grouping_by_batch_keys",
        "select year, region, count(*) as n, sum(mark) as s from t group by year, region",
    ),
    (
        "by organisation and year",
        "grouping_by_batch_keys",
        "select org_bin, year, count(*) as n, avg(mark) as m from t group by org_bin, year",
    ),
    (
        "average by two texts",
        "grouping_by_batch_keys",
        "select subject, language, avg(mark) as m from t group by subject, language",
    ),
    (
        "sum by text and sex",
        "grouping_by_batch_keys",
        "select subject, sex, count(*) as n, sum(mark) as s from t group by subject, sex",
    ),
    (
        "by person",
        "grouping_by_batch_keys",
        "select count(*) as n, max(c) as c, sum(s) as s from (select person, count(*) as c, sum(mark) as s from t group by person) p",
    ),
    (
        "by person and subject",
        "grouping_by_batch_keys",
        "select count(*) as n, max(s) as s from (select person, subject, year, sum(mark) as s from t group by person, subject, year) p",
    ),
    (
        "distinct persons by year",
        "grouping_by_batch_keys",
        "select year, count(distinct person) as p, count(*) as n from t group by year",
    ),
    ("median by text", "grouping_by_batch_keys", "select subject, median(mark) as m from t group by subject"),
    (
        "cube of three",
        "two_level_grouping_sets",
        "select region, year, subject, count(*) as n, sum(mark) as s, avg(mark) as m from t group by cube(region, year, subject)",
    ),
    (
        "tiers",
        "two_level_grouping_sets",
        "select year, region, district, org_bin, sex, count(*) as n, avg(mark) as m from t group by grouping sets ((year, sex), (year, region, sex), (year, region, district, sex), (year, region, district, org_bin, sex))",
    ),
    (
        "cube with distinct persons",
        "two_level_grouping_sets",
        "select year, sex, language, count(distinct person) as p, avg(mark) as m from t group by cube(year, sex, language)",
    ),
    (
        "distinct texts",
        "distinct_by_grouping",
        "select region, count(distinct subject) as p, count(*) as n from t group by region",
    ),
];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let Some(folder) = arguments.next() else { return };
    let word = arguments.next().unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(measure(&folder, &word));
}

/// One line a statement.
async fn measure(folder: &str, word: &str) {
    println!("| statement | without | processor time with it, ratio |");
    println!("|---|---|---|");
    for (name, option, sql) in STATEMENTS.iter().filter(|(name, ..)| name.contains(word)) {
        let sessions = [open(folder, option, false).await, open(folder, option, true).await];
        let (mut times, mut answers) = ([Vec::new(), Vec::new()], Vec::new());
        for run in 0..=RUNS {
            for (session, times) in sessions.iter().zip(&mut times) {
                let start = processor_ticks();
                let batches = session.sql(sql).await.unwrap().collect().await.unwrap();
                if run == 0 {
                    let mut rows: Vec<String> = pretty_format_batches(&batches)
                        .unwrap()
                        .to_string()
                        .lines()
                        .map(str::to_owned)
                        .collect();
                    rows.sort_unstable();
                    answers.push(rows);
                } else {
                    times.push(processor_ticks() - start);
                }
            }
        }
        assert_eq!(answers[0], answers[1], "{name}");
        let [without, with] = times.map(|mut times| {
            times.sort_unstable();
            times[times.len() / 2]
        });
        #[expect(clippy::cast_precision_loss, reason = "hundredths of seconds")]
        let ratio = with as f64 / without as f64;
        println!("| {name} | {option} | {ratio:.2} ({with} of {without}) |");
    }
}

async fn open(folder: &str, option: &str, is_on: bool) -> SessionContext {
    let config = Config { threads: 2, ..Config::default() };
    let ctx = session::scratch(&config, session::runtime(&config).unwrap()).unwrap();
    let table = session::table_of_files(&ctx, Path::new(folder)).await.unwrap();
    ctx.register_table("t", table).unwrap();
    let text = if is_on { "true" } else { "false" };
    ctx.state_ref().write().config_mut().options_mut().set(&format!("bilim.{option}"), text).unwrap();
    ctx
}

/// Processor time of this process so far, in the kernel's ticks of ten milliseconds.
fn processor_ticks() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name of the program, in brackets, may hold spaces.
    let (_, rest) = text.rsplit_once(')').unwrap();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
