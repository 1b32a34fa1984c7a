//! `bilim upkeep rollups`: what is computed once a region and year, and is not there yet.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};

use super::context::Context;
use super::error::CliError;
use super::{ledger_row, output};
use crate::lake::AsOf;
use crate::query;
use crate::session::Refreshed;

/// Make the rollups that the newest version lacks; no lock is held, because no version names them.
pub async fn run(context: &Context, dry: bool) -> Result<u8, CliError> {
    let lake = context.open_lake().await?;
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let refreshed = context.refresh(&snapshot, dry).await?;
    let numbers = |value: fn(&Refreshed) -> u64| -> ArrayRef {
        Arc::new(refreshed.iter().map(value).collect::<UInt64Array>())
    };
    let names: ArrayRef = Arc::new(refreshed.iter().map(|one| Some(&one.measure)).collect::<StringArray>());
    let batch = RecordBatch::try_from_iter([
        ("measure", names),
        ("made", numbers(|one| one.made.len() as u64)),
        ("kept", numbers(|one| one.kept as u64)),
        ("rows", numbers(|one| one.rows)),
    ])
    .map_err(ledger_row)?;
    let ctx = context.scratch()?;
    ctx.register_batch("rollup", batch).map_err(|error| ledger_row(error.into()))?;
    let changed = "select * from rollup where made > 0 order by measure";
    output::rows(context, query::run(&ctx, changed).await?, false).await?;
    let sum = |value: fn(&Refreshed) -> u64| refreshed.iter().map(value).sum::<u64>();
    let (made, kept) = (sum(|one| one.made.len() as u64), sum(|one| one.kept as u64));
    let version = snapshot.number();
    context.note(&if dry {
        format!("{made} rollups are missing at lake version {version}, {kept} are there; nothing was done")
    } else {
        format!(
            "{made} rollups made for lake version {version}, {} rows; {kept} were there",
            sum(|one| one.rows)
        )
    });
    Ok(0)
}
