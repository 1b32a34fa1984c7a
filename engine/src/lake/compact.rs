//! Merging small files: the same rows in fewer files.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int32Array, RecordBatch, new_null_array};

use super::error::{LakeError, Result};
use super::files::{FileEntry, TableFiles};
use super::spec::TableSpec;
use super::stage::{Place, write_sorted};
use super::supersede::{Change, Made, checked, read};

/// A file of fewer rows is small.
const SMALL_ROWS: u64 = 1 << 17;

/// Merge the small files of every partition that has at least `least` of them.
///
/// `None` when there is nothing to do.
pub(super) fn plan(
    spec: &TableSpec,
    table: &TableFiles,
    least: usize,
    place: &Place<'_>,
) -> Result<Option<Change>> {
    let mut partitions: BTreeMap<&[i32], Vec<&FileEntry>> = BTreeMap::new();
    for file in table.files.iter().filter(|file| file.num_records < SMALL_ROWS) {
        partitions.entry(&file.partition).or_default().push(file);
    }
    let mut change = Change { made: Made::new(&table.store), ..Change::default() };
    for files in partitions.into_values() {
        if files.len() < least.max(2) {
            continue;
        }
        let mut rows = 0;
        let fitting: Vec<FileEntry> = files
            .into_iter()
            .take_while(|file| {
                rows += file.num_records;
                rows <= place.max_file_rows as u64
            })
            .cloned()
            .collect();
        if fitting.len() < 2 {
            continue;
        }
        merge(spec, table, &fitting, place, &mut change)?;
        change.remove.extend(fitting);
    }
    Ok((!change.remove.is_empty()).then_some(change))
}

/// Add the rows of some files of one partition to a change, in new files.
pub(super) fn merge(
    spec: &TableSpec,
    table: &TableFiles,
    files: &[FileEntry],
    place: &Place<'_>,
    change: &mut Change,
) -> Result<()> {
    let Some(first) = files.first() else { return Ok(()) };
    let mut batches = Vec::new();
    for file in files {
        let path = table.folder.join(&file.path);
        read(spec, &path, checked(&table.store, &table.folder, file)?, &spec.file_schema(), |batch| {
            batches.push(batch);
            Ok(())
        })?;
    }
    let batches = with_partition(spec, &first.partition, batches)?;
    let before = change.add.len();
    let written = write_sorted(place, &batches, &mut change.add, None);
    for file in &change.add[before..] {
        change.made.push(table.folder.join(&file.path));
    }
    written
}

/// Files in the order of the rows that each begins with, as far as its statistics tell.
pub(super) fn by_lower_bound(spec: &TableSpec, left: &FileEntry, right: &FileEntry) -> Ordering {
    let least =
        |file: &FileEntry, column: &String| file.ranges.get(column).and_then(|range| range.min.clone());
    spec.sort_columns
        .iter()
        .map(|column| least(left, column).partial_cmp(&least(right, column)).unwrap_or(Ordering::Equal))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Partition columns are not in the files; sorting wants them.
fn with_partition(
    spec: &TableSpec,
    partition: &[i32],
    batches: Vec<RecordBatch>,
) -> Result<Vec<RecordBatch>> {
    batches
        .into_iter()
        .map(|batch| {
            let columns: Vec<ArrayRef> = spec
                .schema
                .fields()
                .iter()
                .map(|field| {
                    let position = spec.partition_columns.iter().position(|column| column == field.name());
                    match position.and_then(|position| partition.get(position)) {
                        Some(value) => Arc::new(Int32Array::from_value(*value, batch.num_rows())) as ArrayRef,
                        None => batch
                            .column_by_name(field.name())
                            .map_or_else(|| new_null_array(field.data_type(), batch.num_rows()), Arc::clone),
                    }
                })
                .collect();
            RecordBatch::try_new(Arc::clone(&spec.schema), columns).map_err(LakeError::arrow(&spec.name))
        })
        .collect()
}
