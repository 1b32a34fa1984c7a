//! One Parquet data file: columns encoded side by side, hashed while written, synced.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{Array, ArrayRef, Int64Array};
use datafusion::arrow::compute::interleave;
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};

use super::sort::locate;
use crate::lake::error::{LakeError, Result};
use crate::lake::fault::Faults;
use crate::lake::files::FileEntry;
use crate::lake::inject;
use crate::lake::spec::TableSpec;
use crate::lake::stats::{ColumnRange, ColumnRanges};
use crate::lake::store::{Store, durable};

/// Within the 512 k to 1 M rows that scan best.
const ROW_GROUP_ROWS: usize = 1 << 20;
const PAGE_ROWS: usize = 20_000;
/// Of a hundred files without the person one is read in vain. A filter is folded to the persons that a row group has.
const BLOOM_FILTER_FPP: f64 = 0.01;
/// Below this, starting threads costs more than it saves.
const PARALLEL_ROWS: usize = 20_000;

/// What a file is to hold.
#[derive(Debug)]
pub(in crate::lake) struct FileJob<'a> {
    pub(in crate::lake) spec: &'a TableSpec,
    /// Folder of the table.
    pub(in crate::lake) folder: &'a Path,
    pub(in crate::lake) store: &'a Store,
    /// Path below it.
    pub(in crate::lake) path: String,
    pub(in crate::lake) partition: Vec<i32>,
    pub(in crate::lake) batches: &'a [RecordBatch],
    /// batch << 32 | row, in the order of the file.
    pub(in crate::lake) rows: &'a [u64],
    /// Value of the `submission` column when the batches lack it.
    pub(in crate::lake) submission: Option<i64>,
    /// The columns that `rows` is ascending in.
    pub(in crate::lake) sort_columns: &'a [String],
    pub(in crate::lake) threads: usize,
    pub(in crate::lake) faults: &'a Faults,
}

/// Write the file, sync it and its folder; or write it on this machine and upload it.
///
/// `watch` sees the columns it asks for by name, in the file's order, row group by row group.
pub(in crate::lake) fn write_file(
    job: &FileJob<'_>,
    watched: &[&str],
    mut watch: impl FnMut(&HashMap<String, ArrayRef>, usize),
) -> Result<FileEntry> {
    let target = job.folder.join(&job.path);
    let above = target.parent().unwrap_or(job.folder);
    if let Some(remote) = job.store.remote() {
        let scratch = remote.scratch_file();
        let written = write(job, &target, &scratch, watched, &mut watch).and_then(|entry| {
            remote.upload(&scratch, &target)?;
            Ok(entry)
        });
        // What stays goes with the folder that it is in.
        let _ = std::fs::remove_file(&scratch);
        if written.is_err() {
            let _ = job.store.remove(&target);
        }
        return written;
    }
    durable::create_folder(above)?;
    let written = write(job, &target, &target, watched, &mut watch);
    if written.is_err() {
        let _ = durable::remove(&target);
    }
    let entry = written?;
    durable::sync_folder(above)?;
    Ok(entry)
}

/// Write the file that is to be `target` at `place`.
fn write(
    job: &FileJob<'_>,
    target: &Path,
    place: &Path,
    watched: &[&str],
    watch: &mut impl FnMut(&HashMap<String, ArrayRef>, usize),
) -> Result<FileEntry> {
    job.faults.data_file(target)?;
    let schema = job.spec.file_schema();
    let parquet_error = |error| LakeError::parquet("write", target)(error);
    let file =
        inject::step("create", target, || File::create(place)).map_err(LakeError::io("create", target))?;
    let sink = Hashing { inner: BufWriter::with_capacity(1 << 20, file), hasher: Sha256::new(), size: 0 };
    let properties = Arc::new(properties(job, &schema));
    let described = ArrowSchemaConverter::new().convert(&schema).map_err(parquet_error)?;
    let mut writer =
        SerializedFileWriter::new(sink, described.root_schema_ptr(), properties).map_err(parquet_error)?;
    let factory = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&schema));
    let mut ranges = ColumnRanges::new();
    let mut done = 0_u64;
    let groups = job.rows.len().div_ceil(ROW_GROUP_ROWS).max(1);
    let group_rows = job.rows.len().div_ceil(groups).max(1);
    for (number, rows) in job.rows.chunks(group_rows).enumerate() {
        let writers = factory.create_column_writers(number).map_err(parquet_error)?;
        let encoded = encode(job, &schema, rows, writers, watched).map_err(parquet_error)?;
        let mut group = writer.next_row_group().map_err(parquet_error)?;
        let mut seen = HashMap::new();
        for (field, column) in schema.fields().iter().zip(encoded) {
            column.chunk.append_to_row_group(&mut group).map_err(parquet_error)?;
            match ranges.get_mut(field.name()) {
                Some(range) => range.merge(done, &column.range, rows.len() as u64),
                None => drop(ranges.insert(field.name().clone(), column.range)),
            }
            if let Some(values) = column.watched {
                seen.insert(field.name().clone(), values);
            }
        }
        group.close().map_err(parquet_error)?;
        done += rows.len() as u64;
        watch(&seen, rows.len());
    }
    let sink = writer.into_inner().map_err(parquet_error)?;
    let file = sink.inner.into_inner().map_err(|error| LakeError::io("write", target)(error.into_error()))?;
    if job.store.remote().is_none() {
        inject::step("sync", target, || file.sync_all()).map_err(LakeError::io("sync", target))?;
    }
    let modified =
        file.metadata().and_then(|found| found.modified()).map_err(LakeError::io("read", target))?;
    Ok(FileEntry {
        path: job.path.clone(),
        size: sink.size,
        modified_ms: chrono::DateTime::<chrono::Utc>::from(modified).timestamp_millis(),
        partition: job.partition.clone(),
        num_records: done,
        ranges,
        sha256: hex::encode(sink.hasher.finalize()),
        sort_columns: job.sort_columns.to_vec(),
    })
}

fn properties(job: &FileJob<'_>, schema: &Schema) -> WriterProperties {
    let sorting = job
        .sort_columns
        .iter()
        .filter_map(|name| schema.index_of(name).ok().and_then(|index| i32::try_from(index).ok()))
        .map(|column_idx| SortingColumn { column_idx, descending: false, nulls_first: true })
        .collect();
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()))
        .set_created_by(concat!("bilim ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(sorting));
    // The leading integers ascend or repeat: their differences are near zero.
    let leading = job.sort_columns.iter().take(2).map(String::as_str);
    for name in
        leading.filter(|name| is_integer(schema, name) && !job.spec.plain_columns.iter().any(|p| p == name))
    {
        let path = ColumnPath::from(name);
        builder = builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    // One person is looked for by a pseudonym, whose ranges exclude no file: every organisation has small and large ones.
    let most_distinct = job.rows.len().clamp(1, ROW_GROUP_ROWS) as u64;
    for name in &job.spec.plain_columns {
        let path = ColumnPath::from(name.as_str());
        builder = builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_bloom_filter_fpp(path.clone(), BLOOM_FILTER_FPP)
            .set_column_bloom_filter_max_ndv(path, most_distinct);
    }
    builder.build()
}

fn is_integer(schema: &Schema, name: &str) -> bool {
    let field = schema.field_with_name(name);
    field.is_ok_and(|field| matches!(field.data_type(), DataType::Int32 | DataType::Int64))
}

struct Encoded {
    chunk: ArrowColumnChunk,
    range: ColumnRange,
    watched: Option<ArrayRef>,
}

/// Gather and encode every column of a row group, the columns spread over the threads.
fn encode(
    job: &FileJob<'_>,
    schema: &SchemaRef,
    rows: &[u64],
    writers: Vec<ArrowColumnWriter>,
    watched: &[&str],
) -> std::result::Result<Vec<Encoded>, ParquetError> {
    let places: Vec<(usize, usize)> = rows.iter().map(|row| locate(*row)).collect();
    let waiting: Vec<Mutex<Option<ArrowColumnWriter>>> =
        writers.into_iter().map(|writer| Mutex::new(Some(writer))).collect();
    let finished: Vec<Mutex<Option<std::result::Result<Encoded, ParquetError>>>> =
        waiting.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = waiting.get(index) else { break };
            let Some(mut writer) = slot.lock().unwrap_or_else(PoisonError::into_inner).take() else {
                continue;
            };
            let field = schema.field(index);
            let one = || -> std::result::Result<Encoded, ParquetError> {
                let values = gather(job, field.name(), &places)?;
                for leaf in compute_leaves(field, &values)? {
                    writer.write(&leaf)?;
                }
                let range = ColumnRange::of(&values);
                let watched = watched.contains(&field.name().as_str()).then_some(values);
                Ok(Encoded { chunk: writer.close()?, range, watched })
            };
            let result = one();
            *finished[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    };
    let threads = if rows.len() < PARALLEL_ROWS { 1 } else { job.threads.max(1) };
    if threads == 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
    }
    finished
        .into_iter()
        .map(|slot| {
            slot.into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .unwrap_or_else(|| Err(ParquetError::General("a column was not encoded".to_owned())))
        })
        .collect()
}

fn gather(
    job: &FileJob<'_>,
    name: &str,
    places: &[(usize, usize)],
) -> std::result::Result<ArrayRef, ParquetError> {
    let mut arrays: Vec<&dyn Array> = Vec::with_capacity(job.batches.len());
    for batch in job.batches {
        match (batch.column_by_name(name), job.submission) {
            (Some(array), _) => arrays.push(array.as_ref()),
            (None, Some(number)) if name == "submission" => {
                return Ok(Arc::new(Int64Array::from_value(number, places.len())));
            }
            (None, _) => return Err(ParquetError::General(format!("the rows lack column {name}"))),
        }
    }
    if arrays.is_empty() {
        let field = job.spec.schema.field_with_name(name)?;
        return Ok(datafusion::arrow::array::new_empty_array(field.data_type()));
    }
    Ok(interleave(&arrays, places)?)
}

/// A file that knows the hash of what went into it.
struct Hashing {
    inner: BufWriter<File>,
    hasher: Sha256,
    size: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
