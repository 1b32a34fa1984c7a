//! Rows that do not fit into memory: a temporary file per flush, its rows grouped by partition and territory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::interleave_record_batch;
use datafusion::arrow::datatypes::Int32Type;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::FileReader;
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::arrow::record_batch::RecordBatch;

use super::sort::{self, locate};
use crate::lake::error::{LakeError, Result};
use crate::lake::spec::TableSpec;
use crate::lake::store::durable;

/// Rows of one partition and one value of the first sort column.
type Group = (Vec<i32>, Option<i32>);

/// Temporary files of one submission; deleted when dropped.
pub(super) struct Spill {
    folder: PathBuf,
    groups: BTreeMap<Group, Vec<Piece>>,
    runs: Vec<Run>,
}

/// Where rows of a group are.
struct Piece {
    run: usize,
    batch: usize,
    bytes: usize,
}

/// What one flush wrote.
struct Run {
    path: PathBuf,
    reader: FileReader<BufReader<File>>,
}

impl Spill {
    pub(super) fn new(folder: PathBuf) -> Result<Self> {
        durable::create_folder(&folder)?;
        Ok(Self { folder, groups: BTreeMap::new(), runs: Vec::new() })
    }

    /// Move rows to disk.
    pub(super) fn add(&mut self, spec: &TableSpec, batches: &[RecordBatch], threads: usize) -> Result<()> {
        let order = sort::order(spec, batches, 1, threads)?;
        let territories: Option<Vec<_>> = spec.sort_columns.first().and_then(|name| {
            batches.iter().map(|batch| batch.column_by_name(name)?.as_primitive_opt::<Int32Type>()).collect()
        });
        let territory = |row: u64| {
            let (batch, row) = locate(row);
            let array = territories.as_ref()?.get(batch)?;
            array.is_valid(row).then(|| array.value(row))
        };
        let references: Vec<&RecordBatch> = batches.iter().collect();
        let Some(first) = batches.first() else { return Ok(()) };
        let run = self.runs.len();
        let path = self.folder.join(format!("{run}.arrow"));
        let file = File::create(&path).map_err(LakeError::io("create", &path))?;
        let failed = |error| spilled("write", &path, error);
        let mut writer = FileWriter::try_new(BufWriter::new(file), &first.schema()).map_err(failed)?;
        let mut count = 0;
        for (partition, range) in order.runs() {
            let rows = &order.rows[range];
            let mut start = 0;
            while start < rows.len() {
                let place = territory(rows[start].row);
                let length = rows[start..].partition_point(|row| territory(row.row) == place);
                let places: Vec<_> = rows[start..start + length].iter().map(|row| locate(row.row)).collect();
                let batch =
                    interleave_record_batch(&references, &places).map_err(LakeError::arrow(&spec.name))?;
                writer.write(&batch).map_err(failed)?;
                let piece = Piece { run, batch: count, bytes: batch.get_array_memory_size() };
                let group = (order.partitions[partition].clone(), place);
                self.groups.entry(group).or_default().push(piece);
                count += 1;
                start += length;
            }
        }
        writer.finish().map_err(failed)?;
        let file = File::open(&path).map_err(LakeError::io("open", &path))?;
        let reader = FileReader::try_new(BufReader::new(file), None);
        let reader = reader.map_err(|error| spilled("read", &path, error))?;
        self.runs.push(Run { path, reader });
        Ok(())
    }

    /// Read back whole groups, in order, of about `bytes` at a time.
    ///
    /// A group larger than that comes alone.
    pub(super) fn drain(&mut self, bytes: usize) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        let mut taken = 0;
        while let Some(group) = self.groups.first_entry() {
            let size: usize = group.get().iter().map(|piece| piece.bytes).sum();
            if !batches.is_empty() && taken + size > bytes {
                break;
            }
            taken += size;
            for piece in group.remove() {
                batches.push(self.runs[piece.run].read(piece.batch)?);
            }
        }
        Ok(batches)
    }
}

impl Run {
    fn read(&mut self, batch: usize) -> Result<RecordBatch> {
        let read = self.reader.set_index(batch).and_then(|()| {
            let missing = || Err(ArrowError::IpcError("a batch is missing".to_owned()));
            self.reader.next().unwrap_or_else(missing)
        });
        read.map_err(|error| spilled("read", &self.path, error))
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        // What stays behind is removed by the next writer.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn spilled(action: &'static str, path: &Path, error: ArrowError) -> LakeError {
    match error {
        ArrowError::IoError(_, source) => LakeError::io(action, path)(source),
        error => LakeError::arrow(&path.display().to_string())(error),
    }
}
