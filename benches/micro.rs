//! How many instructions does a question take? One run of one statement of the guards, for `callgrind.py`.
//!
//! `micro NUMBER FOLDER`: makes the lake of marks in the folder unless it is there, runs the statement once to warm up
//! and once more inside `measured`, which callgrind counts; one thread, one partition, so that the count repeats.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::path::Path;
use std::sync::Arc;

use bilim::config::Config;
use bilim::definitions::Definitions;
use bilim::lake::{AsOf, Lake};
use bilim::session;
use datafusion::prelude::SessionContext;
use tokio::runtime::{Builder, Runtime};

#[path = "../tests/it/guards/marks.rs"]
mod marks;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let (Some(number), Some(folder)) = (arguments.next(), arguments.next()) else {
        println!("{}", marks::STATEMENTS.map(|(why, _)| why).join("\n"));
        return;
    };
    let (_, sql) = marks::STATEMENTS[number.parse::<usize>().unwrap()];
    // Planning needs more than the stack of a main thread under valgrind.
    let work = std::thread::Builder::new().stack_size(64 << 20).spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let ctx = runtime.block_on(open(Path::new(&folder)));
        let first = measured(&runtime, &ctx, sql, false);
        assert_eq!(first, measured(&runtime, &ctx, sql, true), "the answer has changed");
    });
    work.unwrap().join().unwrap();
}

async fn open(folder: &Path) -> SessionContext {
    let (definitions, snapshot) = if folder.exists() {
        let lake = Lake::open(folder.to_str().unwrap()).await.unwrap();
        (Arc::new(Definitions::built_in().unwrap()), lake.snapshot(AsOf::Latest).await.unwrap())
    } else {
        marks::lake(folder).await
    };
    let config = Config { threads: 1, ..Config::default() };
    session::open(&config, session::runtime(&config).unwrap(), &definitions, &snapshot).unwrap()
}

/// Rows of the answer. What is below `counted` is what callgrind counts.
fn measured(runtime: &Runtime, ctx: &SessionContext, sql: &str, is_counted: bool) -> usize {
    if is_counted { counted(runtime, ctx, sql) } else { run(runtime, ctx, sql) }
}

#[inline(never)]
fn counted(runtime: &Runtime, ctx: &SessionContext, sql: &str) -> usize {
    run(runtime, ctx, sql)
}

fn run(runtime: &Runtime, ctx: &SessionContext, sql: &str) -> usize {
    let batches = runtime.block_on(async { ctx.sql(sql).await.unwrap().collect().await.unwrap() });
    batches.iter().map(datafusion::arrow::array::RecordBatch::num_rows).sum()
}
