//! The manifest of an archive: what was fixed, file by file, and what it continues.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::error::{LakeError, Result};
use super::super::version::sha256_hex;
use super::canonical;
use super::error::FreezeError;
use super::merkle;

/// Name of the manifest in an archive.
pub(super) const MANIFEST: &str = "manifest.json";
/// Name of its detached signature.
pub(super) const SIGNATURE: &str = "manifest.p7s";
/// Hashes of both, as `sha256sum -c` reads them: a signature has bits that verifying it does not look at.
pub(super) const SUMS: &str = "SHA256SUMS";
/// Form of the manifest.
const FORMAT: u32 = 1;

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this form.
    pub format: u32,
    /// Program that wrote it.
    pub software: String,
    /// Reporting year.
    pub year: i32,
    /// `fixing` or `addendum`.
    pub kind: String,
    /// Number of the addendum, 0 for the fixing itself.
    pub addendum: u32,
    /// Why there is an addendum.
    pub reason: Option<String>,
    /// The one date as of which the data are fixed.
    pub fixing_date: String,
    /// First and last day of the suspension.
    pub suspended: [String; 2],
    /// When the archive was made, UTC.
    pub made_at: String,
    /// Lake version archived.
    pub lake_version: u64,
    /// SHA-256 of that version's file.
    pub lake_version_sha256: String,
    /// Hash of the definitions in force; they are in `definitions/`, the working calendar among them.
    pub definitions: String,
    /// SHA-256 of the manifest of the year fixed before.
    pub previous_sha256: Option<String>,
    /// SHA-256 of the manifest that an addendum continues.
    pub parent_sha256: Option<String>,
    /// Tables, by name.
    pub tables: Vec<ArchivedTable>,
    /// Every file but the manifest, its signature and their sums, ordered by path.
    pub files: Vec<ArchivedFile>,
    /// RFC 6962 root over `files`, each leaf the canonical JSON of its entry.
    pub merkle_root: String,
}

/// A table of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchivedTable {
    /// `raw.s1_pupil`.
    pub name: String,
    /// Its Delta version in the lake.
    pub delta_version: u64,
    /// Rows.
    pub rows: u64,
    /// Column and Arrow type, in order.
    pub columns: Vec<[String; 2]>,
    /// Partition columns.
    pub partition_columns: Vec<String>,
    /// Control totals, counted in the lake and again in the archive.
    pub totals: Vec<ControlTotal>,
}

/// A control total: one partition, one column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTotal {
    /// Values of the partition columns.
    pub partition: Vec<i32>,
    /// Column; empty = rows.
    pub column: String,
    /// Values that are not NULL.
    pub count: u64,
    /// Sum of integers (modulo 2^128) or unscaled decimals; of texts and doubles that of
    /// their bytes or bits.
    pub sum: String,
}

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchivedFile {
    /// Path below the archive, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hex.
    pub sha256: String,
    /// Where it is a data file: what is known of its rows.
    pub data: Option<DataFile>,
}

/// What the lake's log says of a data file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFile {
    /// Its table.
    pub table: String,
    /// Rows.
    pub rows: u64,
    /// Values of the partition columns.
    pub partition: Vec<i32>,
    /// Columns its rows are ascending in.
    pub sort: Vec<String>,
    /// When it was written, milliseconds since 1970.
    pub modified_ms: i64,
    /// Statistics, as Delta has them.
    pub stats: String,
}

impl Manifest {
    /// The form that this program writes.
    pub(super) const FORMAT: u32 = FORMAT;

    /// Canonical bytes.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        canonical_of(self)
    }

    /// Root over the files.
    pub(super) fn root(&self) -> Result<String> {
        let mut leaves = Vec::with_capacity(self.files.len());
        for file in &self.files {
            leaves.push(merkle::leaf(&canonical_of(file)?));
        }
        Ok(hex::encode(merkle::root(&leaves)))
    }

    /// Read a manifest, which must be canonical and hold its own root; also its SHA-256.
    pub(super) fn read(folder: &Path) -> Result<(Self, String)> {
        let path = folder.join(MANIFEST);
        let bytes = std::fs::read(&path).map_err(LakeError::io("read", &path))?;
        let unsound = |problem: String| FreezeError::Unsound { path: path.clone(), problem };
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| unsound(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(
                unsound(format!("its form is {}, this program reads {FORMAT}", manifest.format)).into()
            );
        }
        if manifest.to_bytes()? != bytes {
            return Err(unsound("it is not canonical JSON".to_owned()).into());
        }
        if manifest.root()? != manifest.merkle_root {
            return Err(unsound("its Merkle root is not that of its files".to_owned()).into());
        }
        Ok((manifest, sha256_hex(&bytes)))
    }

    /// Rows of all tables.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

fn canonical_of(value: &impl Serialize) -> Result<Vec<u8>> {
    let value = serde_json::to_value(value).ok();
    let bytes = value.as_ref().and_then(canonical::to_bytes);
    bytes.ok_or_else(|| {
        LakeError::from(FreezeError::Unsound {
            path: MANIFEST.into(),
            problem: "it holds a number that canonical JSON cannot carry".to_owned(),
        })
    })
}
