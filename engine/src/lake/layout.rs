//! Where things lie in a lake.
//!
//! ```text
//! raw/<form>/           Delta table of a form
//! gov/<table>/          Delta tables of the ledger
//! snapshots/<n>.json    lake versions, created once
//! pending/<n>.json      a landing that is decided but perhaps not yet published
//! definitions/<hash>/   definitions that a lake version names
//! archive/<year>/       frozen copies, each with a manifest
//! rollup/<name>/        what can be computed again from the tables; no version names it
//! queue/<n>/            files that wait for the lake to reopen
//! staging/              rows that did not fit into memory; emptied by each new writer
//! signatures/           what proves confirmations, named by its SHA-256
//! writer.lock           the operating-system lock of the one writer
//! auth/<n>.json         accounts, of no lake version; see `accounts`
//! ```
//!
//! In an object store: `lease/<epoch>.json` instead of the lock; `staging` lies on this machine; what is in
//! `pending` stays, so that a name is taken once; definitions are one object, `definitions/<hash>.json`;
//! `archive` and `queue` are not there yet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{LakeError, Result};
use super::store::{Remote, Store};

/// Paths of one lake, and where they are.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    root: PathBuf,
    store: Store,
}

impl Layout {
    /// A plain path, or a URL.
    pub(super) fn parse(location: &str) -> Result<Self> {
        if let Some(remote) = Remote::parse(location)? {
            return Ok(Self { root: remote.root().to_path_buf(), store: Store::Remote(Arc::new(remote)) });
        }
        let scheme = || LakeError::Scheme { location: location.to_owned() };
        let path = match url::Url::parse(location) {
            Ok(url) if url.scheme() == "file" => url.to_file_path().map_err(|()| scheme())?,
            // One letter is a drive, not a scheme.
            Ok(url) if url.scheme().len() > 1 && location.contains("://") => return Err(scheme()),
            _ => PathBuf::from(location),
        };
        let root = std::path::absolute(&path).map_err(LakeError::io("resolve", &path))?;
        Ok(Self { root, store: Store::Local })
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Refuses what needs a folder of this machine.
    pub(super) fn needs_folder(&self, what: &'static str, remedy: &'static str) -> Result<()> {
        if self.store.remote().is_none() {
            return Ok(());
        }
        Err(LakeError::NeedsFolder { what, path: self.root.clone(), remedy })
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

    /// Always a folder of this machine.
    pub(super) fn staging(&self) -> PathBuf {
        self.store.remote().map_or_else(|| self.root.join("staging"), |remote| remote.scratch().to_path_buf())
    }

    pub(super) fn signatures(&self) -> PathBuf {
        self.root.join("signatures")
    }

    pub(super) fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }

    pub(super) fn auth(&self) -> PathBuf {
        self.root.join("auth")
    }

    pub(super) fn rollup(&self) -> PathBuf {
        self.root.join("rollup")
    }

    pub(super) fn queue(&self) -> PathBuf {
        self.root.join("queue")
    }

    pub(super) fn leases(&self) -> PathBuf {
        self.root.join("lease")
    }

    pub(super) fn lease(&self, epoch: u64) -> PathBuf {
        self.leases().join(format!("{epoch}.json"))
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.root.join("writer.lock")
    }

    /// Every table that has a folder, as `schema.table`, ordered.
    pub(super) fn tables(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for schema in ["gov", "raw"] {
            let found = self.store.names(&self.root.join(schema))?;
            let folders = found.into_iter().filter(|found| found.is_folder);
            names.extend(folders.map(|folder| format!("{schema}.{}", folder.name)));
        }
        names.sort();
        Ok(names)
    }

    /// Newest Delta version of a table by the names in its log folder; `None` without a log.
    pub(super) fn head(&self, table: &str) -> Result<Option<u64>> {
        numbered(&self.store, &self.log(table), |name| {
            name.strip_suffix(".json").filter(|stem| stem.len() == 20)
        })
    }
}

/// Largest number among the file names of a folder; `None` when the folder is missing or has none.
pub(super) fn numbered(
    store: &Store,
    folder: &Path,
    stem: impl Fn(&str) -> Option<&str>,
) -> Result<Option<u64>> {
    let number = |name: &str| stem(name).and_then(|stem| stem.parse().ok());
    Ok(store.names(folder)?.iter().filter_map(|found| number(&found.name)).max())
}
