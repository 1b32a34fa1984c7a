//! The files of one table at one version.

use std::collections::HashMap;
use std::path::PathBuf;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::ScalarValue;
use deltalake::kernel::{Add, Remove};

use super::error::{LakeError, Result};
use super::spec::TableSpec;
use super::stats::{self, ColumnRanges};
use super::store::Store;

const TAG_SHA256: &str = "bilim.sha256";
const TAG_SORT: &str = "bilim.sort";

/// One live data file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileEntry {
    /// Path below the table's folder, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// When it was written, milliseconds since 1970.
    pub modified_ms: i64,
    /// Values of the partition columns, in the table's order.
    pub partition: Vec<i32>,
    /// Rows.
    pub num_records: u64,
    /// What is known of the stored columns.
    pub ranges: ColumnRanges,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Columns that the rows are ascending in, NULL first; empty = in no order.
    pub sort_columns: Vec<String>,
}

/// The live files of a table at one Delta version.
#[derive(Debug, Clone)]
pub struct TableFiles {
    /// `raw.s1_pupil`.
    pub name: String,
    /// Delta version.
    pub version: u64,
    /// Folder of the table.
    pub folder: PathBuf,
    /// Columns as the table has them (text as Utf8), partition columns included.
    pub schema: SchemaRef,
    /// Partition columns.
    pub partition_columns: Vec<String>,
    /// Where that is.
    pub(super) store: Store,
    /// Delta's id of the table.
    pub(super) table_id: String,
    /// Live files, ordered by path.
    pub files: Vec<FileEntry>,
}

impl TableFiles {
    /// Rows of all live files.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.files.iter().map(|file| file.num_records).sum()
    }

    /// The table as its files have it, for work that knows no form.
    pub(super) fn spec(&self) -> TableSpec {
        let newest = self.files.iter().rev().find(|file| !file.sort_columns.is_empty());
        let sort_columns = newest.map(|file| file.sort_columns.clone()).unwrap_or_default();
        TableSpec {
            name: self.name.clone(),
            schema: SchemaRef::clone(&self.schema),
            partition_columns: self.partition_columns.clone(),
            cut_column: sort_columns
                .iter()
                .find(|column| *column == "org_bin")
                .or(sort_columns.first())
                .cloned(),
            sort_columns,
            scope_columns: Vec::new(),
            territory: None,
            plain_columns: self.wide_columns(),
        }
    }

    /// Integer columns whose values spread so wide that they can only be keyed hashes.
    fn wide_columns(&self) -> Vec<String> {
        let is_wide = |name: &str| {
            self.files.iter().filter_map(|file| file.ranges.get(name)).any(|range| {
                match (&range.min, &range.max) {
                    (Some(ScalarValue::Int64(Some(min))), Some(ScalarValue::Int64(Some(max)))) => {
                        max.abs_diff(*min) > 1 << 52
                    }
                    _ => false,
                }
            })
        };
        let names = self.schema.fields().iter().map(|field| field.name());
        names.filter(|name| is_wide(name)).cloned().collect()
    }

    /// Hash over the content of all live files of one partition, for caches keyed by data.
    ///
    /// Equal content at other versions has an equal key; the order of files does not matter.
    #[must_use]
    pub fn partition_key(&self, partition: &[i32]) -> String {
        let mut hashes: Vec<&str> = self
            .files
            .iter()
            .filter(|file| file.partition == partition)
            .map(|file| file.sha256.as_str())
            .collect();
        hashes.sort_unstable();
        super::version::sha256_hex(hashes.join("\n").as_bytes())
    }
}

impl FileEntry {
    /// From an Add action of the table.
    pub(super) fn from_add(
        add: &Add,
        folder: &std::path::Path,
        schema: &SchemaRef,
        partitions: &[String],
    ) -> Result<Self> {
        let bad = |problem: String| LakeError::damaged(folder.join(&add.path), problem);
        let tag = |name: &str| add.tags.as_ref().and_then(|tags| tags.get(name)).and_then(Clone::clone);
        let text = add.stats.as_deref().ok_or_else(|| bad("its Add action has no statistics".to_owned()))?;
        let (num_records, mut ranges) = stats::from_json(text, schema)
            .ok_or_else(|| bad("the statistics in its Add action cannot be read".to_owned()))?;
        let mut partition = Vec::with_capacity(partitions.len());
        for column in partitions {
            ranges.remove(column);
            let value = add
                .partition_values
                .get(column)
                .and_then(Option::as_deref)
                .and_then(|text| text.parse().ok());
            partition.push(value.ok_or_else(|| bad(format!("its Add action has no integer {column}")))?);
        }
        Ok(Self {
            path: add.path.clone(),
            size: u64::try_from(add.size)
                .map_err(|_| bad("its Add action has a negative size".to_owned()))?,
            modified_ms: add.modification_time,
            partition,
            num_records,
            ranges,
            sha256: tag(TAG_SHA256).ok_or_else(|| bad("its Add action has no SHA-256".to_owned()))?,
            sort_columns: tag(TAG_SORT)
                .filter(|columns| !columns.is_empty())
                .map(|columns| columns.split(',').map(str::to_owned).collect())
                .unwrap_or_default(),
        })
    }

    pub(super) fn to_add(&self, partitions: &[String], data_change: bool) -> Add {
        Add {
            path: self.path.clone(),
            partition_values: self.partition_values(partitions),
            size: i64::try_from(self.size).unwrap_or(i64::MAX),
            modification_time: self.modified_ms,
            data_change,
            stats: Some(stats::to_json(self.num_records, &self.ranges)),
            tags: Some(HashMap::from([
                (TAG_SHA256.to_owned(), Some(self.sha256.clone())),
                (TAG_SORT.to_owned(), Some(self.sort_columns.join(","))),
            ])),
            ..Add::default()
        }
    }

    pub(super) fn to_remove(&self, partitions: &[String], now_ms: i64, data_change: bool) -> Remove {
        Remove {
            path: self.path.clone(),
            data_change,
            deletion_timestamp: Some(now_ms),
            extended_file_metadata: Some(true),
            size: i64::try_from(self.size).ok(),
            partition_values: Some(self.partition_values(partitions)),
            ..Remove::default()
        }
    }

    fn partition_values(&self, partitions: &[String]) -> HashMap<String, Option<String>> {
        partitions.iter().cloned().zip(self.partition.iter().map(|value| Some(value.to_string()))).collect()
    }

    /// Partition values as scalars.
    pub(super) fn partition_scalars(&self) -> Vec<ScalarValue> {
        self.partition.iter().map(|value| ScalarValue::Int32(Some(*value))).collect()
    }
}
