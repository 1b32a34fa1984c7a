//! Reading: one lake version and the files of its tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::files::TableFiles;
use super::version::LakeVersion;

/// Which lake version to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// The newest.
    Latest,
    /// This one.
    Version(u64),
    /// The newest that was made at this time or before.
    Time(DateTime<Utc>),
}

/// One lake version, opened: every table with its live files.
///
/// Cheap to clone; it never changes and reads nothing more from the log.
#[derive(Debug, Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    version: LakeVersion,
    sha256: String,
    tables: BTreeMap<String, Arc<TableFiles>>,
}

impl Snapshot {
    pub(super) fn new(version: LakeVersion, sha256: String, tables: Vec<Arc<TableFiles>>) -> Self {
        let tables = tables.into_iter().map(|table| (table.name.clone(), table)).collect();
        Self { inner: Arc::new(Inner { version, sha256, tables }) }
    }

    /// Number of the lake version.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.inner.version.version
    }

    /// The lake version as recorded.
    #[must_use]
    pub fn version(&self) -> &LakeVersion {
        &self.inner.version
    }

    /// SHA-256 of the version's file: what a citation or a manifest names.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.inner.sha256
    }

    /// Files of a table (`raw.s1_pupil`); `None` when nothing has landed in it yet.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Arc<TableFiles>> {
        self.inner.tables.get(name)
    }

    /// Every table of the version, ordered by name.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<TableFiles>> {
        self.inner.tables.values()
    }
}
