//! Rows in order, partition by partition, into files.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int32Type, Int64Type};

use super::scopes::ScopeCounts;
use super::write::{FileJob, write_file};
use super::{hive, sort};
use crate::lake::error::Result;
use crate::lake::fault::Faults;
use crate::lake::files::FileEntry;
use crate::lake::spec::TableSpec;
use crate::lake::store::Store;

/// Where rows are to be written and how.
#[derive(Debug, Clone, Copy)]
pub(in crate::lake) struct Place<'a> {
    pub(in crate::lake) spec: &'a TableSpec,
    /// Folder of the table.
    pub(in crate::lake) folder: &'a Path,
    pub(in crate::lake) store: &'a Store,
    /// First part of the file names; a counter follows.
    pub(in crate::lake) prefix: &'a str,
    /// Value of the `submission` column when the rows lack it.
    pub(in crate::lake) submission: Option<i64>,
    pub(in crate::lake) max_file_rows: usize,
    pub(in crate::lake) threads: usize,
    pub(in crate::lake) faults: &'a Faults,
}

/// Sort rows and write them, partition by partition, cut into files, which are added to `files`.
///
/// Of many files each thread writes one at a time; a file that is a large part of the whole is written by
/// all threads together. What was written before an error is added too.
pub(in crate::lake) fn write_sorted(
    place: &Place<'_>,
    batches: &[RecordBatch],
    files: &mut Vec<FileEntry>,
    mut counts: Option<&mut ScopeCounts>,
) -> Result<()> {
    let spec = place.spec;
    let order = sort::order(spec, batches, usize::MAX, place.threads)?;
    let sorted = &spec.sort_columns[..order.sorted_columns];
    let rows: Vec<u64> = order.rows.iter().map(|key| key.row).collect();
    let large = rows.len() / place.threads.max(1) / 2;
    let mut jobs = Vec::new();
    for (partition, range) in order.runs() {
        let values = &order.partitions[partition];
        let rows = &rows[range];
        for part in cut(spec, batches, rows, place.max_file_rows) {
            let rows = &rows[part];
            let number = files.len() + jobs.len();
            jobs.push(FileJob {
                spec,
                folder: place.folder,
                store: place.store,
                path: format!("{}{}-{number:04}.parquet", hive(spec, values), place.prefix),
                partition: values.clone(),
                batches,
                rows,
                submission: place.submission,
                sort_columns: sorted,
                threads: if rows.len() > large { place.threads } else { 1 },
                faults: place.faults,
            });
        }
    }
    drop(order);
    let is_counted = counts.is_some();
    let write = |job: &FileJob<'_>| write_counted(job, is_counted);
    let mut failed = None;
    for written in side_by_side(&jobs, place.threads, |job| job.threads > 1, write) {
        match written {
            Some(Ok((entry, counted))) => {
                files.push(entry);
                if let Some(counts) = &mut counts {
                    counts.merge(counted);
                }
            }
            Some(Err(error)) if failed.is_none() => failed = Some(error),
            _ => {}
        }
    }
    failed.map_or(Ok(()), Err)
}

fn write_counted(job: &FileJob<'_>, is_counted: bool) -> Result<(FileEntry, ScopeCounts)> {
    let mut watched: Vec<&str> = Vec::new();
    if is_counted {
        watched.push("org_bin");
        watched.extend(job.spec.territory.as_deref());
    }
    let mut counts = ScopeCounts::default();
    let entry = write_file(job, &watched, |columns, rows| {
        if is_counted {
            counts.add(job.spec, &job.partition, columns, rows);
        }
    })?;
    Ok((entry, counts))
}

/// Work through jobs on some threads, those that use all threads themselves first and one after another;
/// results come in the order of the jobs, `None` for what was not begun after an error.
fn side_by_side<J: Sync, T: Send>(
    jobs: &[J],
    threads: usize,
    is_parallel: impl Fn(&J) -> bool,
    work: impl Fn(&J) -> Result<T> + Sync,
) -> Vec<Option<Result<T>>> {
    let (first, others): (Vec<usize>, Vec<usize>) = (0..jobs.len()).partition(|at| is_parallel(&jobs[*at]));
    let slots: Vec<Mutex<Option<Result<T>>>> = jobs.iter().map(|_| Mutex::new(None)).collect();
    let has_failed = AtomicBool::new(false);
    let run = |order: &[usize], next: &AtomicUsize| {
        while let Some(at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            if has_failed.load(Ordering::Relaxed) {
                break;
            }
            let result = work(&jobs[*at]);
            has_failed.fetch_or(result.is_err(), Ordering::Relaxed);
            *slots[*at].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    };
    run(&first, &AtomicUsize::new(0));
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 1..threads.min(others.len()).max(1) {
            scope.spawn(|| run(&others, &next));
        }
        run(&others, &next);
    });
    slots.into_iter().map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// Cut rows into files of at most `max_rows`, where the cut column changes if it does in time.
fn cut(
    spec: &TableSpec,
    batches: &[RecordBatch],
    rows: &[u64],
    max_rows: usize,
) -> Vec<std::ops::Range<usize>> {
    let files = rows.len().div_ceil(max_rows.max(1)).max(1);
    let target = rows.len().div_ceil(files);
    let columns: Option<Vec<&ArrayRef>> = spec
        .cut_column
        .as_ref()
        .and_then(|name| batches.iter().map(|batch| batch.column_by_name(name)).collect());
    let is_border = |at: usize| match &columns {
        None => true,
        Some(columns) => !is_same(columns, rows[at - 1], rows[at]),
    };
    let mut parts = Vec::new();
    let mut start = 0;
    while rows.len() - start > max_rows {
        let wanted = start + target.min(max_rows);
        let back = (start + 1..=wanted).rev().find(|at| is_border(*at));
        let end = back.or_else(|| (wanted + 1..rows.len()).find(|at| is_border(*at))).unwrap_or(rows.len());
        parts.push(start..end);
        start = end;
    }
    if start < rows.len() {
        parts.push(start..rows.len());
    }
    parts
}

fn is_same(columns: &[&ArrayRef], left: u64, right: u64) -> bool {
    let ((left_batch, left), (right_batch, right)) = (sort::locate(left), sort::locate(right));
    let (a, b) = (columns[left_batch], columns[right_batch]);
    if a.is_null(left) || b.is_null(right) {
        return a.is_null(left) && b.is_null(right);
    }
    match a.data_type() {
        DataType::Int32 => {
            a.as_primitive::<Int32Type>().value(left) == b.as_primitive::<Int32Type>().value(right)
        }
        DataType::Int64 => {
            a.as_primitive::<Int64Type>().value(left) == b.as_primitive::<Int64Type>().value(right)
        }
        DataType::Utf8 => a.as_string::<i32>().value(left) == b.as_string::<i32>().value(right),
        _ => false,
    }
}
