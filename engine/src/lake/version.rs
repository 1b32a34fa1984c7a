//! A lake version: one small file that fixes the Delta version of every table.
//!
//! Created once, never changed; each holds the hash of the one before, so that a changed
//! or missing one shows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::{LakeError, Result};
use super::layout::{Layout, numbered};

/// Contents of `snapshots/<n>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeVersion {
    /// Number, from 0 (the empty lake).
    pub version: u64,
    /// When it was made, UTC, to the millisecond; never before its parent.
    #[serde(with = "rfc3339")]
    pub created_at: DateTime<Utc>,
    /// Delta version of every table, by `schema.table`.
    pub tables: BTreeMap<String, u64>,
    /// SHA-256 of the log entries that this version added, by table.
    pub commits: BTreeMap<String, String>,
    /// Name of the definitions in force (`definitions/<hash>`); `None` before any were given.
    pub definitions: Option<String>,
    /// Highest ledger number given out.
    pub ledger: i64,
    /// SHA-256 of the parent's file; `None` for version 0.
    pub parent: Option<String>,
    /// SHA-256 of this file with this field empty: the newest version has no child that vouches for it.
    pub checksum: String,
}

/// A version together with the hash of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) version: LakeVersion,
    pub(super) sha256: String,
}

impl LakeVersion {
    /// Version 0: no tables.
    pub(super) fn genesis(now: DateTime<Utc>) -> Self {
        Self {
            version: 0,
            created_at: to_millis(now),
            tables: BTreeMap::new(),
            commits: BTreeMap::new(),
            definitions: None,
            ledger: 0,
            parent: None,
            checksum: String::new(),
        }
        .sealed()
    }

    /// With its checksum.
    pub(super) fn sealed(mut self) -> Self {
        self.checksum = String::new();
        self.checksum = sha256_hex(&self.to_bytes());
        self
    }

    /// The bytes of its file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes =
            serde_json::to_vec_pretty(self).expect("strings, numbers and maps with string keys serialise");
        bytes.push(b'\n');
        bytes
    }
}

impl Stored {
    pub(super) fn read(layout: &Layout, version: u64) -> Result<Self> {
        let path = layout.snapshot(version);
        let bytes = layout.store().read(&path)?;
        let parsed: LakeVersion =
            serde_json::from_slice(&bytes).map_err(|error| LakeError::damaged(&path, error.to_string()))?;
        if parsed.version != version {
            return Err(LakeError::damaged(&path, format!("it says it is version {}", parsed.version)));
        }
        if parsed.clone().sealed().to_bytes() != bytes {
            return Err(LakeError::damaged(&path, "its checksum does not match"));
        }
        Ok(Self { version: parsed, sha256: sha256_hex(&bytes) })
    }
}

/// Newest version by name; an error when the folder is no lake.
pub(super) fn newest(layout: &Layout) -> Result<u64> {
    numbered(layout.store(), &layout.snapshots(), |name| name.strip_suffix(".json"))?
        .ok_or_else(|| LakeError::NotALake { path: layout.root().to_path_buf() })
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(super) fn to_millis(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(time.timestamp_millis()).unwrap_or(time)
}

mod rfc3339 {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text).map(|time| time.with_timezone(&Utc)).map_err(D::Error::custom)
    }
}
