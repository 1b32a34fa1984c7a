//! Which derived files there are, by the key of what they were computed from.

use std::collections::BTreeMap;

use datafusion::arrow::datatypes::SchemaRef;
use serde::{Deserialize, Serialize};

use crate::lake::files::FileEntry;
use crate::lake::stats;
use crate::lake::version::sha256_hex;

/// The files of one derived table.
///
/// A key without a file stands for no rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Register {
    entries: BTreeMap<String, Vec<FileEntry>>,
}

/// A file as the register spells it.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: String,
    size: u64,
    modified_ms: i64,
    partition: Vec<i32>,
    stats: String,
    sha256: String,
    sort_columns: Vec<String>,
}

impl Register {
    /// The files of a key; `None` when it is unknown.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[FileEntry]> {
        self.entries.get(key).map(Vec::as_slice)
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it knows no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn extend(&mut self, entries: BTreeMap<String, Vec<FileEntry>>) {
        self.entries.extend(entries);
    }

    /// The hash of what follows, then the entries: a register with a wrong bit is none.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let spelled: BTreeMap<&str, Vec<Entry>> = self
            .entries
            .iter()
            .map(|(key, files)| (key.as_str(), files.iter().map(Entry::of).collect()))
            .collect();
        let body = serde_json::to_vec(&spelled).expect("maps of texts and numbers serialise");
        let mut bytes = sha256_hex(&body).into_bytes();
        bytes.push(b'\n');
        bytes.extend(body);
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8], schema: &SchemaRef) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (hash, body) = (bytes.get(..end)?, bytes.get(end + 1..)?);
        if sha256_hex(body).as_bytes() != hash {
            return None;
        }
        let spelled: BTreeMap<String, Vec<Entry>> = serde_json::from_slice(body).ok()?;
        let files = |(key, files): (String, Vec<Entry>)| {
            let files = files.into_iter().map(|file| file.read(schema)).collect::<Option<Vec<_>>>()?;
            Some((key, files))
        };
        Some(Self { entries: spelled.into_iter().map(files).collect::<Option<_>>()? })
    }
}

impl Entry {
    fn of(file: &FileEntry) -> Self {
        Self {
            path: file.path.clone(),
            size: file.size,
            modified_ms: file.modified_ms,
            partition: file.partition.clone(),
            stats: stats::to_json(file.num_records, &file.ranges),
            sha256: file.sha256.clone(),
            sort_columns: file.sort_columns.clone(),
        }
    }

    fn read(self, schema: &SchemaRef) -> Option<FileEntry> {
        let (num_records, ranges) = stats::from_json(&self.stats, schema)?;
        Some(FileEntry {
            path: self.path,
            size: self.size,
            modified_ms: self.modified_ms,
            partition: self.partition,
            num_records,
            ranges,
            sha256: self.sha256,
            sort_columns: self.sort_columns,
        })
    }
}
