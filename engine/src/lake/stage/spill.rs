//! Rows that do not fit into memory: temporary files per partition and territory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::interleave_record_batch;
use datafusion::arrow::datatypes::Int32Type;
use datafusion::arrow::ipc::reader::FileReader;
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::arrow::record_batch::RecordBatch;

use super::sort::{self, locate};
use crate::lake::durable;
use crate::lake::error::{LakeError, Result};
use crate::lake::spec::TableSpec;

/// Rows of one partition and one value of the first sort column.
type Group = (Vec<i32>, Option<i32>);

/// Temporary files of one submission; deleted when dropped.
#[derive(Debug)]
pub(super) struct Spill {
    folder: PathBuf,
    groups: BTreeMap<Group, Vec<Piece>>,
    serial: usize,
}

#[derive(Debug)]
struct Piece {
    path: PathBuf,
    bytes: usize,
}

impl Spill {
    pub(super) fn new(folder: PathBuf) -> Result<Self> {
        durable::create_folder(&folder)?;
        Ok(Self { folder, groups: BTreeMap::new(), serial: 0 })
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
        for (partition, range) in order.runs() {
            let rows = &order.rows[range];
            let mut start = 0;
            while start < rows.len() {
                let place = territory(rows[start].row);
                let length = rows[start..].partition_point(|row| territory(row.row) == place);
                let places: Vec<_> = rows[start..start + length].iter().map(|row| locate(row.row)).collect();
                let batch =
                    interleave_record_batch(&references, &places).map_err(LakeError::arrow(&spec.name))?;
                let path = self.folder.join(format!("{}.arrow", self.serial));
                self.serial += 1;
                write(&path, &batch)?;
                let bytes = batch.get_array_memory_size();
                let group = (order.partitions[partition].clone(), place);
                self.groups.entry(group).or_default().push(Piece { path, bytes });
                start += length;
            }
        }
        Ok(())
    }

    /// Read back whole groups of one partition, in order, of about `bytes` at a time.
    ///
    /// A group larger than that comes alone.
    pub(super) fn drain(&mut self, bytes: usize) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        let mut taken = 0;
        let mut partition: Option<Vec<i32>> = None;
        while let Some(((next, _), pieces)) = self.groups.first_key_value() {
            let size: usize = pieces.iter().map(|piece| piece.bytes).sum();
            let fits = partition.as_ref().is_none_or(|current| current == next && taken + size <= bytes);
            if !fits {
                break;
            }
            let Some(((next, _), pieces)) = self.groups.pop_first() else { break };
            partition = Some(next);
            taken += size;
            for piece in pieces {
                read(&piece.path, &mut batches)?;
                std::fs::remove_file(&piece.path).map_err(LakeError::io("remove", &piece.path))?;
            }
        }
        Ok(batches)
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        // What stays behind is removed by the next writer.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn write(path: &Path, batch: &RecordBatch) -> Result<()> {
    let file = File::create(path).map_err(LakeError::io("create", path))?;
    let written = FileWriter::try_new(BufWriter::new(file), &batch.schema()).and_then(|mut writer| {
        writer.write(batch)?;
        writer.finish()
    });
    written.map_err(|error| spilled("write", path, error))
}

fn read(path: &Path, batches: &mut Vec<RecordBatch>) -> Result<()> {
    let file = File::open(path).map_err(LakeError::io("open", path))?;
    let reader =
        FileReader::try_new(BufReader::new(file), None).map_err(|error| spilled("read", path, error))?;
    for batch in reader {
        batches.push(batch.map_err(|error| spilled("read", path, error))?);
    }
    Ok(())
}

fn spilled(action: &'static str, path: &Path, error: datafusion::arrow::error::ArrowError) -> LakeError {
    match error {
        datafusion::arrow::error::ArrowError::IoError(_, source) => LakeError::io(action, path)(source),
        error => LakeError::arrow(&path.display().to_string())(error),
    }
}
