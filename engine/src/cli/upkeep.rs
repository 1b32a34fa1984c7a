//! `bilim upkeep`: small files become large ones; no row changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use indicatif::{ProgressBar, ProgressStyle};

use super::args::{UpkeepArgs, UpkeepTask};
use super::context::Context;
use super::error::CliError;
use super::submit::check_open;
use super::{ledger_row, output, rollups};
use crate::lake::{AsOf, Lake, MergeGroup, MergedFiles, WriterOptions};
use crate::query;

/// Merged rows that are committed together, in files of full size: what an interruption may cost.
const COMMIT_FILES: u64 = 4;

/// Landings are short beside a merge: it is worth waiting for them.
const WAIT: Duration = Duration::from_mins(1);

pub async fn run(context: &Context, args: UpkeepArgs) -> Result<u8, CliError> {
    if let Some(UpkeepTask::Rollups) = args.task {
        return rollups::run(context, args.dry_run).await;
    }
    let lake = context.open_lake().await?;
    check_open(context, &lake).await?;
    let options = WriterOptions { wait: WAIT, ..WriterOptions::from(&context.config) };
    // Whoever died while landing is finished first, and a foreign commit is met before any work.
    drop(lake.writer(options.clone()).await?);
    let groups = lake.snapshot(AsOf::Latest).await?.merge_groups(options.max_file_rows);
    let mut totals = Totals::default();
    if args.dry_run {
        for group in &groups {
            totals.add(group, 1);
        }
        totals.show(context).await?;
        context.note(&format!("{}; nothing was done", totals.told("would become")));
        return Ok(0);
    }
    let progress = if context.global.quiet { ProgressBar::hidden() } else { ProgressBar::no_length() };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} groups of files {elapsed}") {
        progress.set_style(style);
    }
    progress.set_length(groups.len() as u64);
    let (mut merged, mut rows, mut left) = (Vec::new(), 0, 0);
    let enough = COMMIT_FILES.saturating_mul(options.max_file_rows as u64);
    let mut version = None;
    for group in groups {
        rows += group.row_count();
        merged.push(lake.merge(group, &options).await?);
        progress.inc(1);
        if rows >= enough {
            left += adopt(&lake, &options, &mut merged, &mut totals, &mut version).await?;
            rows = 0;
        }
    }
    left += adopt(&lake, &options, &mut merged, &mut totals, &mut version).await?;
    progress.finish_and_clear();
    totals.show(context).await?;
    let version = version.map(|version| format!(", lake version {version}")).unwrap_or_default();
    let later = if left == 0 {
        String::new()
    } else {
        format!("; {left} groups were changed by submissions meanwhile: run it again")
    };
    context.note(&format!("{}{version}{later}", totals.told("became")));
    Ok(0)
}

/// Commit what is merged, under the lock; the result is how many groups could not be used.
async fn adopt(
    lake: &Lake,
    options: &WriterOptions,
    merged: &mut Vec<MergedFiles>,
    totals: &mut Totals,
    version: &mut Option<u64>,
) -> Result<usize, CliError> {
    if merged.is_empty() {
        return Ok(0);
    }
    let merged = std::mem::take(merged);
    let told: Vec<(MergeGroup, usize)> =
        merged.iter().map(|one| (one.group().clone(), one.file_count())).collect();
    let (published, used) = lake.writer(options.clone()).await?.adopt(merged).await?;
    let mut left = 0;
    for ((group, files), is_used) in told.iter().zip(used) {
        if is_used {
            totals.add(group, *files);
            *version = Some(published.version);
        } else {
            left += 1;
        }
    }
    Ok(left)
}

/// What was merged, by table.
#[derive(Default)]
struct Totals {
    tables: BTreeMap<String, Total>,
}

#[derive(Default)]
struct Total {
    partitions: BTreeSet<Vec<i32>>,
    before: u64,
    after: u64,
    rows: u64,
}

impl Totals {
    fn add(&mut self, group: &MergeGroup, files: usize) {
        let total = self.tables.entry(group.table().to_owned()).or_default();
        total.partitions.insert(group.partition().to_vec());
        total.before += group.file_count() as u64;
        total.after += files as u64;
        total.rows += group.row_count();
    }

    fn told(&self, verb: &str) -> String {
        let sum = |value: fn(&Total) -> u64| self.tables.values().map(value).sum::<u64>();
        format!(
            "{} files {verb} {}, {} rows",
            sum(|one| one.before),
            sum(|one| one.after),
            sum(|one| one.rows)
        )
    }

    async fn show(&self, context: &Context) -> Result<(), CliError> {
        if self.tables.is_empty() {
            return Ok(());
        }
        let numbers = |value: fn(&Total) -> u64| -> ArrayRef {
            Arc::new(self.tables.values().map(value).collect::<UInt64Array>())
        };
        let names: ArrayRef = Arc::new(self.tables.keys().map(Some).collect::<StringArray>());
        let batch = RecordBatch::try_from_iter([
            ("table", names),
            ("partitions", numbers(|one| one.partitions.len() as u64)),
            ("files_before", numbers(|one| one.before)),
            ("files_after", numbers(|one| one.after)),
            ("rows", numbers(|one| one.rows)),
        ])
        .map_err(ledger_row)?;
        let ctx = context.scratch()?;
        ctx.register_batch("upkeep", batch).map_err(|error| ledger_row(error.into()))?;
        output::rows(context, query::run(&ctx, "select * from upkeep order by 1").await?, false).await?;
        Ok(())
    }
}
