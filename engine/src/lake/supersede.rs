//! Which rows a batch replaces, and the files without them.
//!
//! A row is superseded when its (year, scope) occurs in a landing that comes after it: live
//! rows come before every landing of the batch, landings count in their order. Every file is
//! looked at once, however many landings of a batch touch it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{ArrayRef, BooleanArray, RecordBatch, new_null_array};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;

use super::error::{LakeError, Result};
use super::fault::Faults;
use super::files::{FileEntry, TableFiles};
use super::spec::TableSpec;
use super::stage::{FileJob, ScopeCoder, StagedFiles, hive, write_file};
use super::stats::ColumnRange;
use super::store::Store;
use super::version::sha256_hex;

const BATCH_ROWS: usize = 1 << 16;

/// What happens to the files of one table.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// Files that the commit adds: staged ones, and rewritten ones.
    pub(super) add: Vec<FileEntry>,
    /// Live files that it removes.
    pub(super) remove: Vec<FileEntry>,
    /// Superseded rows by landing, in the order given.
    pub(super) superseded: Vec<u64>,
    /// Files made for the change that must go if it is not carried out.
    pub(super) made: Made,
}

/// New files that are deleted unless they are kept.
#[derive(Debug, Default)]
pub(super) struct Made {
    store: Store,
    paths: Vec<PathBuf>,
}

impl Made {
    pub(super) fn new(store: &Store) -> Self {
        Self { store: store.clone(), paths: Vec::new() }
    }

    pub(super) fn push(&mut self, path: PathBuf) {
        self.paths.push(path);
    }

    /// Answer for the files of another, too.
    pub(super) fn take(&mut self, other: &mut Self) {
        self.paths.append(&mut other.paths);
    }

    pub(super) fn keep(&mut self) {
        self.paths.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.paths {
            let _ = self.store.remove(path);
        }
    }
}

/// How rewritten files are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rewriting<'a> {
    pub(super) lake_version: u64,
    /// What makes the names of this attempt its own; empty in a folder.
    pub(super) stamp: &'a str,
    pub(super) folder: &'a Path,
    pub(super) store: &'a Store,
    pub(super) threads: usize,
    pub(super) faults: &'a Faults,
}

/// (year, scope) -> the last landing that holds it.
type Owners<'a> = HashMap<i32, HashMap<&'a [u8], usize>>;

/// Work out the change that the landings, in this order, make to a table.
pub(super) fn plan(
    spec: &TableSpec,
    base: Option<&TableFiles>,
    landings: &[&StagedFiles],
    rewriting: Rewriting<'_>,
) -> Result<Change> {
    let made = Made::new(rewriting.store);
    let mut change = Change { superseded: vec![0; landings.len()], made, ..Change::default() };
    let mut owners: Owners<'_> = HashMap::new();
    for (position, landing) in landings.iter().enumerate() {
        for (year, tuples) in &landing.scopes {
            let known = owners.entry(*year).or_default();
            for tuple in tuples {
                known.insert(tuple, position);
            }
        }
    }
    let coder = ScopeCoder::new(spec).map_err(LakeError::arrow(&spec.name))?;
    let mut serial = 0;
    let mut consider = |file: &FileEntry, is_live: bool, first: usize, change: &mut Change| -> Result<()> {
        let keep = |change: &mut Change| {
            if !is_live {
                change.add.push(file.clone());
            }
        };
        let is_touched = landings[first..].iter().any(|later| overlaps(spec, file, later));
        let known = file.partition.first().and_then(|year| owners.get(year)).filter(|_| is_touched);
        let Some(known) = known else {
            keep(change);
            return Ok(());
        };
        let Some(verdict) = judge(&coder, spec, rewriting, file, known, first, &mut change.superseded)?
        else {
            keep(change);
            return Ok(());
        };
        if is_live {
            change.remove.push(file.clone());
        }
        if verdict.kept > 0 {
            let (hive, version, stamp) =
                (hive(spec, &file.partition), rewriting.lake_version, rewriting.stamp);
            let path = format!("{hive}v{version:08}{stamp}-{serial:04}.parquet");
            serial += 1;
            change.made.push(rewriting.folder.join(&path));
            change.add.push(rewrite(spec, file, &verdict, path, rewriting)?);
        }
        Ok(())
    };
    for file in base.iter().flat_map(|base| &base.files) {
        consider(file, true, 0, &mut change)?;
    }
    for (position, landing) in landings.iter().enumerate() {
        for file in &landing.files {
            consider(file, false, position + 1, &mut change)?;
        }
    }
    Ok(change)
}

/// Whether a file may hold scopes of a landing, by year and ranges.
fn overlaps(spec: &TableSpec, file: &FileEntry, landing: &StagedFiles) -> bool {
    landing.files.iter().any(|new| {
        new.partition.first() == file.partition.first()
            && spec.scope_columns.iter().all(|column| meets(file.ranges.get(column), new.ranges.get(column)))
    })
}

fn meets(left: Option<&ColumnRange>, right: Option<&ColumnRange>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return true };
    if left.null_count > 0 || right.null_count > 0 {
        return true;
    }
    match (&left.min, &left.max, &right.min, &right.max) {
        (Some(low), Some(high), Some(other_low), Some(other_high)) => {
            !(low.partial_cmp(other_high).is_some_and(std::cmp::Ordering::is_gt)
                || other_low.partial_cmp(high).is_some_and(std::cmp::Ordering::is_gt))
        }
        _ => true,
    }
}

/// Which rows of a file stay.
struct Verdict {
    masks: Vec<BooleanArray>,
    kept: usize,
}

/// `None` when every row stays.
fn judge(
    coder: &ScopeCoder,
    spec: &TableSpec,
    rewriting: Rewriting<'_>,
    file: &FileEntry,
    known: &HashMap<&[u8], usize>,
    first: usize,
    superseded: &mut [u64],
) -> Result<Option<Verdict>> {
    let path = rewriting.folder.join(&file.path);
    let opened = rewriting.store.data(&path)?;
    let schema = Arc::new(
        spec.schema.project(&columns_of(spec, &spec.scope_columns)).map_err(LakeError::arrow(&spec.name))?,
    );
    let mut masks = Vec::new();
    let (mut kept, mut dropped) = (0, 0);
    if spec.scope_columns.is_empty() {
        // The scope is the year.
        let rows = usize::try_from(file.num_records).unwrap_or(usize::MAX);
        let owner = known.get(&[][..]).copied().filter(|owner| *owner >= first);
        return Ok(owner.map(|owner| {
            superseded[owner] += file.num_records;
            Verdict { masks: vec![BooleanArray::from(vec![false; rows])], kept: 0 }
        }));
    }
    read(spec, &path, opened, &schema, |batch| {
        let rows = coder.rows(&batch).map_err(LakeError::arrow(&spec.name))?;
        let mut last: Option<(usize, Option<usize>)> = None;
        let mut mask = Vec::with_capacity(batch.num_rows());
        for (index, row) in rows.iter().enumerate() {
            let owner = match last {
                Some((at, owner)) if rows.row(at) == row => owner,
                _ => known.get(row.as_ref()).copied().filter(|owner| *owner >= first),
            };
            last = Some((index, owner));
            if let Some(owner) = owner {
                superseded[owner] += 1;
                dropped += 1;
            } else {
                kept += 1;
            }
            mask.push(owner.is_none());
        }
        masks.push(BooleanArray::from(mask));
        Ok(())
    })?;
    Ok((dropped > 0).then_some(Verdict { masks, kept }))
}

fn columns_of(spec: &TableSpec, names: &[String]) -> Vec<usize> {
    names.iter().filter_map(|name| spec.schema.index_of(name).ok()).collect()
}

/// Write the rows of a file that stay, in their order.
fn rewrite(
    spec: &TableSpec,
    file: &FileEntry,
    verdict: &Verdict,
    path: String,
    rewriting: Rewriting<'_>,
) -> Result<FileEntry> {
    let schema = spec.file_schema();
    let mut batches = Vec::new();
    let mut masks = verdict.masks.iter();
    let source = checked(rewriting.store, rewriting.folder, file)?;
    read(spec, &rewriting.folder.join(&file.path), source, &schema, |batch| {
        if let Some(mask) = masks.next() {
            let rest = filter_record_batch(&batch, mask).map_err(LakeError::arrow(&spec.name))?;
            if rest.num_rows() > 0 {
                batches.push(rest);
            }
        }
        Ok(())
    })?;
    let rows = in_order(&batches);
    let job = FileJob {
        spec,
        folder: rewriting.folder,
        store: rewriting.store,
        path,
        partition: file.partition.clone(),
        batches: &batches,
        rows: &rows,
        submission: None,
        sort_columns: &file.sort_columns,
        threads: rewriting.threads,
        faults: rewriting.faults,
    };
    write_file(&job, &[], |_, _| ())
}

/// Every row of some batches, as [`FileJob::rows`] wants them.
fn in_order(batches: &[RecordBatch]) -> Vec<u64> {
    let rows = batches.iter().zip(0_u64..);
    rows.flat_map(|(batch, number)| (0..batch.num_rows() as u64).map(move |row| number << 32 | row)).collect()
}

/// The bytes of a file, after its hash was checked: a damaged file must not get a fresh hash.
pub(super) fn checked(store: &Store, folder: &Path, file: &FileEntry) -> Result<Bytes> {
    let path = folder.join(&file.path);
    let bytes = store.read(&path)?;
    if sha256_hex(&bytes) != file.sha256 {
        return Err(LakeError::damaged(&path, "its SHA-256 is not the one recorded when it landed"));
    }
    Ok(Bytes::from(bytes))
}

/// Read columns of a data file; those it lacks are NULL.
pub(super) fn read<R: ChunkReader + 'static>(
    spec: &TableSpec,
    path: &Path,
    source: R,
    schema: &SchemaRef,
    mut take: impl FnMut(RecordBatch) -> Result<()>,
) -> Result<()> {
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(source).map_err(LakeError::parquet("read", path))?;
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(LakeError::parquet("read", path))?;
    for batch in reader {
        let batch = batch.map_err(LakeError::arrow(&spec.name))?;
        let rows = batch.num_rows();
        let columns: Vec<ArrayRef> = schema
            .fields()
            .iter()
            .map(|field| {
                batch
                    .column_by_name(field.name())
                    .cloned()
                    .unwrap_or_else(|| new_null_array(field.data_type(), rows))
            })
            .collect();
        take(RecordBatch::try_new(Arc::clone(schema), columns).map_err(LakeError::arrow(&spec.name))?)?;
    }
    Ok(())
}
