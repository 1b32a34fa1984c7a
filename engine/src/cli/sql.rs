//! `bilim sql`: one statement, or the shell.

use std::path::Path;
use std::time::Instant;

use datafusion::prelude::{CsvReadOptions, ParquetReadOptions, SessionContext};

use super::args::SqlArgs;
use super::context::Context;
use super::error::CliError;
use super::{output, shell};
use crate::query::{Asked, ResultCache};

pub async fn run(context: &Context, args: SqlArgs) -> Result<u8, CliError> {
    let (ctx, snapshot) = context.session(args.as_of.as_deref()).await?;
    for pair in &args.with {
        register(&ctx, pair).await?;
    }
    let statement = match (args.query, args.file) {
        (Some(query), _) => query,
        (None, Some(path)) => {
            std::fs::read_to_string(&path).map_err(|source| CliError::File { path, source })?
        }
        (None, None) => return shell::run(context, &ctx, &snapshot, args.timing).await,
    };
    execute(context, &ctx, &statement, args.timing, false).await?;
    Ok(0)
}

/// Run a statement and write its rows; with `timing`, one line on stderr once all rows are read.
pub async fn execute(
    context: &Context,
    ctx: &SessionContext,
    statement: &str,
    timing: bool,
    is_expanded: bool,
) -> Result<u64, CliError> {
    // One statement is asked once.
    execute_cached(context, ctx, statement, &ResultCache::new(0), Shown { timing, is_expanded }).await
}

/// How the answer is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// One line on stderr with the time.
    pub timing: bool,
    /// One column a line.
    pub is_expanded: bool,
}

/// As [`execute`], from the answers kept where one is there.
pub async fn execute_cached(
    context: &Context,
    ctx: &SessionContext,
    statement: &str,
    cache: &ResultCache,
    Shown { timing, is_expanded }: Shown,
) -> Result<u64, CliError> {
    let start = Instant::now();
    let stream = cache.run(ctx, statement, Asked::default()).await?;
    let rows = output::rows(context, stream, is_expanded).await?;
    if timing {
        eprintln!("Time: {:.3} ms", start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(rows)
}

/// `NAME=PATH`: a Parquet or CSV file, or a folder of Parquet files with `key=value` subfolders.
async fn register(ctx: &SessionContext, pair: &str) -> Result<(), CliError> {
    let (name, path) = pair
        .split_once('=')
        .ok_or_else(|| CliError::Usage(format!("--with takes NAME=PATH, not {pair:?}")))?;
    let refused = |error: datafusion::error::DataFusionError| {
        CliError::Usage(format!("--with {pair}: {}", error.strip_backtrace()))
    };
    if !Path::new(path).exists() {
        return Err(CliError::Usage(format!("--with {pair}: there is no {path}")));
    }
    let is_csv = Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));

    let frame = if is_csv {
        ctx.read_csv(path, CsvReadOptions::new()).await.map_err(refused)?
    } else {
        ctx.read_parquet(path, ParquetReadOptions::default()).await.map_err(refused)?
    };
    let catalog = ctx.catalog("bilim").ok_or_else(|| CliError::Usage("no catalog".to_owned()))?;
    let schema = catalog.schema("mart").ok_or_else(|| CliError::Usage("no schema".to_owned()))?;
    schema.register_table(name.to_owned(), frame.into_view()).map_err(refused)?;
    Ok(())
}
