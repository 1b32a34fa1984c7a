//! Where things lie in a lake.
//!
//! ```text
//! raw/<form>/           Delta table of a form
//! gov/<table>/          Delta tables of the ledger
//! snapshots/<n>.json    lake versions, created once
//! pending/<n>.json      a landing that is decided but perhaps not yet published
//! definitions/<hash>/   definitions that a lake version names
//! archive/<year>/       frozen copies, each with a manifest
//! queue/<n>/            files that wait for the lake to reopen
//! staging/              rows that did not fit into memory; emptied by each new writer
//! signatures/           what proves confirmations, named by its SHA-256
//! writer.lock           the operating-system lock of the one writer
//! auth/                 not ours
//! ```

use std::path::{Path, PathBuf};

use super::error::{LakeError, Result};

/// Paths of one local lake.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// A plain path or a `file:` URL.
    pub(super) fn parse(location: &str) -> Result<Self> {
        let scheme = || LakeError::Scheme { location: location.to_owned() };
        let path = match url::Url::parse(location) {
            Ok(url) if url.scheme() == "file" => url.to_file_path().map_err(|()| scheme())?,
            // One letter is a drive, not a scheme.
            Ok(url) if url.scheme().len() > 1 && location.contains("://") => return Err(scheme()),
            _ => PathBuf::from(location),
        };
        let root = std::path::absolute(&path).map_err(LakeError::io("resolve", &path))?;
        Ok(Self { root })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// `raw.s1_pupil` lies in `raw/s1_pupil`.
    pub(super) fn table(&self, name: &str) -> PathBuf {
        let mut path = self.root.clone();
        path.extend(name.split('.'));
        path
    }

    pub(super) fn log(&self, table: &str) -> PathBuf {
        self.table(table).join("_delta_log")
    }

    pub(super) fn log_entry(&self, table: &str, version: u64) -> PathBuf {
        self.log(table).join(format!("{version:020}.json"))
    }

    pub(super) fn snapshots(&self) -> PathBuf {
        self.root.join("snapshots")
    }

    pub(super) fn snapshot(&self, version: u64) -> PathBuf {
        self.snapshots().join(format!("{version}.json"))
    }

    pub(super) fn pending(&self) -> PathBuf {
        self.root.join("pending")
    }

    pub(super) fn definitions(&self) -> PathBuf {
        self.root.join("definitions")
    }

    pub(super) fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    pub(super) fn signatures(&self) -> PathBuf {
        self.root.join("signatures")
    }

    pub(super) fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }

    pub(super) fn queue(&self) -> PathBuf {
        self.root.join("queue")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.root.join("writer.lock")
    }

    /// Every table that has a folder, as `schema.table`, ordered.
    pub(super) fn tables(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for schema in ["gov", "raw"] {
            let folder = self.root.join(schema);
            if !folder.is_dir() {
                continue;
            }
            for entry in std::fs::read_dir(&folder).map_err(LakeError::io("list", &folder))? {
                let entry = entry.map_err(LakeError::io("list", &folder))?;
                if entry.path().is_dir() {
                    names.push(format!("{schema}.{}", entry.file_name().to_string_lossy()));
                }
            }
        }
        names.sort();
        Ok(names)
    }

    /// Newest Delta version of a table by the names in its log folder; `None` without a log.
    pub(super) fn head(&self, table: &str) -> Result<Option<u64>> {
        numbered(&self.log(table), |name| name.strip_suffix(".json").filter(|stem| stem.len() == 20))
    }
}

/// Largest number among the file names of a folder; `None` when the folder is missing or has none.
pub(super) fn numbered(folder: &Path, stem: impl Fn(&str) -> Option<&str>) -> Result<Option<u64>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LakeError::io("list", folder)(error)),
    };
    let mut largest = None;
    for entry in entries {
        let name = entry.map_err(LakeError::io("list", folder))?.file_name();
        let number = name.to_str().and_then(&stem).and_then(|stem| stem.parse().ok());
        largest = largest.max(number);
    }
    Ok(largest)
}
