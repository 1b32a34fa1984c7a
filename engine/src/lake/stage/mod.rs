//! Staging: validated rows become the data files of a submission, which nothing names yet.
//!
//! Rows are gathered in memory up to a budget shared by all submissions being staged, then
//! sorted and written at once; beyond it they go to temporary files and come back one part
//! of a partition at a time. Either way the files are in their final place, synced and hashed when
//! staging ends. A submission that does not land takes its files with it.

mod scopes;
mod sort;
mod sorted;
mod spill;
mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use futures::{Stream, StreamExt};

use self::scopes::collect;
pub(super) use self::scopes::{ScopeCoder, ScopeCounts, ScopeSet};
pub(super) use self::sorted::{Place, write_sorted};
use self::spill::Spill;
pub(super) use self::write::{FileJob, write_file};
use super::error::{LakeError, Result};
use super::fault::Faults;
use super::files::FileEntry;
use super::lake::blocking;
use super::lock::WriterLock;
use super::spec::TableSpec;
use super::store::Store;

/// The data files of one submission, in place but not yet part of its table.
///
/// Dropping them deletes the files.
#[derive(Debug)]
pub struct StagedFiles {
    pub(super) spec: Arc<TableSpec>,
    pub(super) number: i64,
    pub(super) folder: PathBuf,
    pub(super) store: Store,
    pub(super) files: Vec<FileEntry>,
    pub(super) scopes: ScopeSet,
    pub(super) counts: ScopeCounts,
    is_kept: bool,
    /// While files can still be deleted by name, no other writer may give the name away.
    _lock: Option<Arc<WriterLock>>,
}

impl StagedFiles {
    /// Ledger number that the submission will have.
    #[must_use]
    pub fn submission(&self) -> i64 {
        self.number
    }

    /// Rows in the files.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.files.iter().map(|file| file.num_records).sum()
    }

    /// The files.
    #[must_use]
    pub fn files(&self) -> &[FileEntry] {
        &self.files
    }

    /// Years that the rows fall into, ascending.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.scopes.keys().copied()
    }

    /// Number of scopes (or records, for a form that is updated by record) covered.
    #[must_use]
    pub fn scope_count(&self) -> usize {
        self.scopes.values().map(std::collections::HashSet::len).sum()
    }

    /// The files are now named by the log: leave them.
    pub(super) fn keep(&mut self) {
        self.is_kept = true;
    }
}

impl Drop for StagedFiles {
    fn drop(&mut self) {
        if !self.is_kept {
            for file in &self.files {
                // A file that stays is an orphan, which verify lists.
                let _ = self.store.remove(&self.folder.join(&file.path));
            }
        }
    }
}

/// Limits of staging.
#[derive(Debug, Clone)]
pub(super) struct StageLimits {
    pub(super) memory_bytes: usize,
    pub(super) max_file_rows: usize,
    pub(super) threads: usize,
    /// Bytes held by all submissions being staged by this writer.
    pub(super) held: Arc<AtomicUsize>,
}

/// Everything one staging needs to know.
#[derive(Debug, Clone)]
pub(super) struct StageJob {
    pub(super) spec: Arc<TableSpec>,
    pub(super) number: i64,
    /// What makes the names of this staging its own; empty in a folder.
    pub(super) stamp: String,
    pub(super) folder: PathBuf,
    pub(super) store: Store,
    pub(super) spill_folder: PathBuf,
    pub(super) limits: StageLimits,
    pub(super) faults: Faults,
    pub(super) lock: Option<Arc<WriterLock>>,
}

/// Rows of a submission on their way to files.
struct Stage {
    job: StageJob,
    schema: SchemaRef,
    coder: ScopeCoder,
    buffer: Vec<RecordBatch>,
    buffered_bytes: usize,
    spill: Option<Spill>,
    staged: StagedFiles,
}

/// Stage a stream of rows.
pub(super) async fn stage<S, E>(job: StageJob, mut rows: S) -> Result<StagedFiles>
where
    S: Stream<Item = std::result::Result<RecordBatch, E>> + Unpin,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut stage = Stage::new(job)?;
    while let Some(batch) = rows.next().await {
        let table = || stage.job.spec.name.clone();
        let batch = batch.map_err(|error| LakeError::Rows { table: table(), source: error.into() })?;
        if stage.push(&batch)? {
            stage = blocking("spill rows", move || {
                stage.flush()?;
                Ok(stage)
            })
            .await?;
        }
    }
    blocking("write data files", move || stage.finish()).await
}

/// Stage rows that are at hand.
pub(super) fn stage_batches(job: StageJob, batches: &[RecordBatch]) -> Result<StagedFiles> {
    let mut stage = Stage::new(job)?;
    for batch in batches {
        stage.push(batch)?;
    }
    stage.finish()
}

impl Stage {
    fn new(job: StageJob) -> Result<Self> {
        let coder = ScopeCoder::new(&job.spec).map_err(LakeError::arrow(&job.spec.name))?;
        // `submission` is the same in every row and is added when the file is written.
        let has_number = job.spec.name.starts_with("raw.");
        let columns =
            job.spec.schema.fields().iter().filter(|field| !(has_number && field.name() == "submission"));
        let schema = Arc::new(Schema::new(columns.cloned().collect::<Vec<_>>()));
        let staged = StagedFiles {
            spec: Arc::clone(&job.spec),
            number: job.number,
            folder: job.folder.clone(),
            store: job.store.clone(),
            files: Vec::new(),
            scopes: ScopeSet::new(),
            counts: ScopeCounts::default(),
            is_kept: false,
            _lock: job.lock.clone(),
        };
        Ok(Self { job, schema, coder, buffer: Vec::new(), buffered_bytes: 0, spill: None, staged })
    }

    /// Take a batch; true when the buffer should go to disk.
    fn push(&mut self, batch: &RecordBatch) -> Result<bool> {
        if batch.num_rows() == 0 {
            return Ok(false);
        }
        let batch = conform(&self.job.spec, &self.schema, batch)?;
        if self.job.spec.partition_columns.iter().any(|column| column == "year") {
            for column in &self.job.spec.partition_columns {
                let array = batch.column_by_name(column);
                if let Some(row) = array.and_then(|array| (0..array.len()).find(|row| array.is_null(*row))) {
                    let table = self.job.spec.name.clone();
                    return Err(LakeError::NullPartition { table, column: column.clone(), row });
                }
            }
            collect(&mut self.staged.scopes, &self.coder, &batch)
                .map_err(LakeError::arrow(&self.job.spec.name))?;
        }
        let bytes = batch.get_array_memory_size();
        self.buffered_bytes += bytes;
        let held = self.job.limits.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.buffer.push(batch);
        // The sort key takes 48 bytes a row beside the rows. A small share of a full budget is not worth a file.
        Ok(held > self.job.limits.memory_bytes && self.buffered_bytes > self.job.limits.memory_bytes / 8)
    }

    fn flush(&mut self) -> Result<()> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            None => self.spill.insert(Spill::new(self.job.spill_folder.clone())?),
        };
        spill.add(&self.job.spec, &self.buffer, self.job.limits.threads)?;
        self.release();
        Ok(())
    }

    fn release(&mut self) {
        self.buffer.clear();
        self.job.limits.held.fetch_sub(self.buffered_bytes, Ordering::Relaxed);
        self.buffered_bytes = 0;
    }

    fn finish(mut self) -> Result<StagedFiles> {
        if self.spill.is_none() {
            let batches = std::mem::take(&mut self.buffer);
            self.write(&batches)?;
        } else {
            self.flush()?;
            while let Some(spill) = &mut self.spill {
                let batches = spill.drain(self.job.limits.memory_bytes / 2)?;
                if batches.is_empty() {
                    break;
                }
                self.write(&batches)?;
            }
        }
        self.release();
        let mut done = std::mem::take(&mut self.staged.files);
        done.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(StagedFiles {
            spec: Arc::clone(&self.staged.spec),
            number: self.staged.number,
            folder: self.staged.folder.clone(),
            store: self.staged.store.clone(),
            files: done,
            scopes: std::mem::take(&mut self.staged.scopes),
            counts: std::mem::take(&mut self.staged.counts),
            is_kept: false,
            _lock: self.job.lock.clone(),
        })
    }

    /// Sort rows and write them.
    fn write(&mut self, batches: &[RecordBatch]) -> Result<()> {
        let place = Place {
            spec: &self.job.spec,
            folder: &self.job.folder,
            store: &self.job.store,
            prefix: &format!("{:08}{}", self.job.number, self.job.stamp),
            submission: Some(self.job.number),
            max_file_rows: self.job.limits.max_file_rows,
            threads: self.job.limits.threads,
            faults: &self.job.faults,
        };
        write_sorted(&place, batches, &mut self.staged.files, Some(&mut self.staged.counts))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.release();
    }
}

/// `year=2024/region=11/`, or nothing for a table without partitions.
pub(super) fn hive(spec: &TableSpec, values: &[i32]) -> String {
    spec.partition_columns
        .iter()
        .zip(values)
        .fold(String::new(), |path, (column, value)| format!("{path}{column}={value}/"))
}

/// The columns of `schema`, in its order; texts of any Arrow kind become Utf8.
pub(super) fn conform(spec: &TableSpec, schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch> {
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let wrong = || LakeError::RowSchema {
            table: spec.name.clone(),
            column: field.name().clone(),
            wanted: field.data_type().to_string(),
        };
        let array = batch.column_by_name(field.name()).ok_or_else(wrong)?;
        let is_text = matches!(array.data_type(), DataType::Utf8View | DataType::LargeUtf8);
        if array.data_type() == field.data_type() {
            columns.push(Arc::clone(array));
        } else if is_text && *field.data_type() == DataType::Utf8 {
            columns.push(cast(array, &DataType::Utf8).map_err(LakeError::arrow(&spec.name))?);
        } else {
            return Err(wrong());
        }
    }
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(LakeError::arrow(&spec.name))
}
