//! Reading: one lake version and the files of its tables.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::archive::{ArchiveRef, History, end_of_day};
use super::derived::Derived;
use super::error::LakeError;
use super::files::TableFiles;
use super::version::LakeVersion;
use crate::definitions::Assets;

/// Which lake version to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// The newest.
    Latest,
    /// This one.
    Version(u64),
    /// The newest that was made at this time or before.
    Time(DateTime<Utc>),
    /// The one that was fixed for this year, read as its fixing.
    Freeze(i32),
}

impl AsOf {
    /// `12` is a version, `freeze:2024` the one fixed for a year; a day means its end in the country.
    ///
    /// # Errors
    /// [`LakeError::AsOf`] for another text, and when the calendar of the definitions cannot be read.
    pub fn parse(text: &str, assets: &Assets) -> Result<Self, LakeError> {
        if let Ok(version) = text.parse() {
            return Ok(Self::Version(version));
        }
        if let Some(year) = text.strip_prefix("freeze:").and_then(|year| year.parse().ok()) {
            return Ok(Self::Freeze(year));
        }
        if let Ok(time) = text.parse::<DateTime<Utc>>() {
            return Ok(Self::Time(time));
        }
        match text.parse::<NaiveDate>() {
            Ok(day) => Ok(Self::Time(end_of_day(assets, day)?)),
            Err(_) => Err(LakeError::AsOf { text: text.to_owned() }),
        }
    }
}

/// One lake version, opened: every table with its live files.
///
/// Cheap to clone; it never changes and reads nothing more from the log.
#[derive(Debug, Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
    /// Year whose fixing this is read as.
    fixing: Option<i32>,
}

#[derive(Debug)]
struct Inner {
    version: LakeVersion,
    sha256: String,
    tables: BTreeMap<String, Arc<TableFiles>>,
    history: Arc<History>,
    archives: PathBuf,
    derived: Option<Derived>,
}

impl Snapshot {
    pub(super) fn new(
        version: LakeVersion,
        sha256: String,
        tables: Vec<Arc<TableFiles>>,
        history: Arc<History>,
        archives: PathBuf,
        derived: Option<Derived>,
    ) -> Self {
        let tables = tables.into_iter().map(|table| (table.name.clone(), table)).collect();
        Self { inner: Arc::new(Inner { version, sha256, tables, history, archives, derived }), fixing: None }
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

    /// The same version, read as the fixing of a year: what it says of that year is final.
    #[must_use]
    pub fn of_fixing(self, year: i32) -> Self {
        Self { fixing: Some(year), ..self }
    }

    /// Year whose fixing this is read as.
    #[must_use]
    pub fn fixing(&self) -> Option<i32> {
        self.fixing
    }

    /// Years whose data are final here.
    pub fn final_years(&self) -> impl Iterator<Item = i32> {
        self.inner.history.fixed_years().chain(self.fixing)
    }

    /// The same version with only some of its files, as tests look at what rests on which.
    #[doc(hidden)]
    #[must_use]
    pub fn only(&self, is_kept: impl Fn(&str, &[i32]) -> bool) -> Self {
        let mut tables = BTreeMap::new();
        for (name, table) in &self.inner.tables {
            let mut table = table.as_ref().clone();
            table.files.retain(|file| is_kept(name, &file.partition));
            tables.insert(name.clone(), Arc::new(table));
        }
        let inner = Inner {
            version: self.inner.version.clone(),
            sha256: self.inner.sha256.clone(),
            tables,
            history: Arc::clone(&self.inner.history),
            archives: self.inner.archives.clone(),
            derived: self.inner.derived.clone(),
        };
        Self { inner: Arc::new(inner), fixing: self.fixing }
    }

    /// The archives known at this version, oldest first.
    #[must_use]
    pub fn archives(&self) -> Vec<ArchiveRef> {
        ArchiveRef::of(self.history(), &self.inner.archives)
    }

    /// Fixings known at this version.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.inner.history
    }

    /// What has been computed from the lake; `None` for an archive, which is read as it was written.
    #[must_use]
    pub fn derived(&self) -> Option<&Derived> {
        self.inner.derived.as_ref()
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
