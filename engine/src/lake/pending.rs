//! A landing that is decided: everything still to be written, kept until it is published.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{LakeError, Result};
use super::fault::{Fault, Faults};
use super::inject;
use super::layout::Layout;
use super::store::Created;
use super::version::newest;

/// Contents of `pending/<n>.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Lake version to be made.
    pub(super) version: u64,
    /// Epoch of the lease under which it was decided; `None` in a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) epoch: Option<u64>,
    /// Text of `snapshots/<n>.json`.
    pub(super) snapshot: String,
    /// Log entries, in the order in which they are written.
    pub(super) entries: Vec<Entry>,
}

/// One log entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// `raw.s1_pupil`.
    pub(super) table: String,
    /// Delta version.
    pub(super) version: u64,
    /// Its text.
    pub(super) text: String,
}

impl Pending {
    /// Its file.
    pub(super) fn path(&self, layout: &Layout) -> PathBuf {
        layout.pending().join(format!("{}.json", self.version))
    }

    /// Record the decision.
    ///
    /// In an object store the name is never given away again, so that one of several writers gets it.
    pub(super) fn decide(&self, layout: &Layout) -> Result<()> {
        layout.store().create_folder(&layout.pending())?;
        let path = self.path(layout);
        let bytes = serde_json::to_vec(self).expect("strings and numbers serialise");
        match layout.store().create_once(&path, &bytes)? {
            Created::New | Created::Same => Ok(()),
            Created::Different if layout.store().remote().is_some() => {
                Err(LakeError::LeaseLost { epoch: self.epoch.unwrap_or_default() })
            }
            Created::Different => Err(LakeError::damaged(&path, "it belongs to another landing")),
        }
    }

    /// Carry the decision out; harmless to repeat.
    pub(super) fn carry_out(&self, layout: &Layout, faults: &Faults) -> Result<()> {
        for (number, entry) in self.entries.iter().enumerate() {
            let path = layout.log_entry(&entry.table, entry.version);
            layout.store().create_folder(&layout.log(&entry.table))?;
            faults.full(Fault::LogEntryFull(number), &path)?;
            expect_base(layout, entry)?;
            if layout.store().create_once(&path, entry.text.as_bytes())? == Created::Different {
                return Err(foreign(layout, entry, layout.head(&entry.table)?));
            }
            faults.pass(Fault::AfterLogEntry(number))?;
        }
        let path = layout.snapshot(self.version);
        if layout.store().create_once(&path, self.snapshot.as_bytes())? == Created::Different {
            return Err(LakeError::damaged(&path, "it is not the version that the pending landing makes"));
        }
        faults.pass(Fault::AfterPublish)?;
        self.forget(layout)
    }

    fn forget(&self, layout: &Layout) -> Result<()> {
        if layout.store().remote().is_some() {
            return Ok(());
        }
        let path = self.path(layout);
        match inject::step("remove", &path, || std::fs::remove_file(&path)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(LakeError::io("remove", &path)(error)),
        }
    }

    /// Every pending file that may not be published yet, oldest first.
    pub(super) fn find(layout: &Layout) -> Result<Vec<Self>> {
        let mut found: Vec<Self> = Vec::new();
        if layout.store().remote().is_some() {
            // One is decided after the other is published; those that are published stay.
            let next = layout.pending().join(format!("{}.json", newest(layout)? + 1));
            if layout.store().exists(&next)? {
                found.push(Self::read(layout, &next)?);
            }
            return Ok(found);
        }
        for file in layout.store().names(&layout.pending())? {
            let path = layout.pending().join(&file.name);
            if path.extension().is_none_or(|ending| ending != "json") {
                // A temporary file: of a writer at work, or of one that died before its decision.
                continue;
            }
            found.push(Self::read(layout, &path)?);
        }
        found.sort_by_key(|pending| pending.version);
        Ok(found)
    }

    pub(super) fn read(layout: &Layout, path: &Path) -> Result<Self> {
        let bytes = layout.store().read(path)?;
        serde_json::from_slice(&bytes).map_err(|error| LakeError::damaged(path, error.to_string()))
    }
}

/// The entry must follow directly on what the log holds, or be there already.
fn expect_base(layout: &Layout, entry: &Entry) -> Result<()> {
    if layout.store().remote().is_some() {
        // The log may be longer: who follows a stopped holder finishes what that one decided, and goes on.
        let Some(before) = entry.version.checked_sub(1) else { return Ok(()) };
        if layout.store().exists(&layout.log_entry(&entry.table, before))? {
            return Ok(());
        }
        return Err(foreign(layout, entry, layout.head(&entry.table)?));
    }
    let head = layout.head(&entry.table)?;
    if head == entry.version.checked_sub(1) || head == Some(entry.version) {
        return Ok(());
    }
    Err(foreign(layout, entry, head))
}

fn foreign(layout: &Layout, entry: &Entry, head: Option<u64>) -> LakeError {
    let name =
        |version: Option<u64>| version.map_or_else(|| "none".to_owned(), |version| version.to_string());
    LakeError::ForeignCommit {
        table: entry.table.clone(),
        expected: name(entry.version.checked_sub(1)),
        found: name(head),
        path: layout.log(&entry.table),
    }
}
