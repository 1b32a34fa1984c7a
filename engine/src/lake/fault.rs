//! Failures that tests plant in the landing protocol.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::{LakeError, Result};

/// Where a writer breaks off, or what the disk refuses. Counts start at 0.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full at this data file.
    DataFileFull(usize),
    /// Before the pending file is written.
    BeforePending,
    /// After the pending file, before the first log entry.
    AfterPending,
    /// The disk is full at this log entry.
    LogEntryFull(usize),
    /// After this log entry.
    AfterLogEntry(usize),
    /// At this step of a fixing.
    Freeze(FreezeStep),
    /// After the lake version, before the pending file is removed.
    AfterPublish,
}

/// Steps of a fixing; each breaks off after what its name says is done.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreezeStep {
    /// The lake version is chosen.
    Begun,
    /// So many files are copied.
    File(usize),
    /// The disk is full at this file.
    FileFull(usize),
    /// Every file is copied.
    Copied,
    /// Both sides are counted.
    Counted,
    /// The manifest is written.
    Manifest,
    /// The signature is written.
    Signed,
    /// Everything is synced.
    Sealed,
    /// The folder has its name.
    Named,
    /// The ledger knows it.
    Fixed,
}

/// The fault of one writer, if any, and how often each kind of step has been passed.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    planted: Option<Fault>,
    data_files: Arc<AtomicUsize>,
}

impl Faults {
    pub(super) fn new(planted: Option<Fault>) -> Self {
        Self { planted, data_files: Arc::default() }
    }

    /// Stop here as a crash would.
    pub(super) fn pass(&self, point: Fault) -> Result<()> {
        if self.planted == Some(point) {
            return Err(LakeError::Planted { fault: format!("{point:?}") });
        }
        Ok(())
    }

    pub(super) fn data_file(&self, path: &Path) -> Result<()> {
        let number = self.data_files.fetch_add(1, Ordering::Relaxed);
        self.full(Fault::DataFileFull(number), path)
    }

    pub(super) fn full(&self, point: Fault, path: &Path) -> Result<()> {
        if self.planted == Some(point) {
            return Err(LakeError::io("write", path)(std::io::ErrorKind::StorageFull.into()));
        }
        Ok(())
    }
}
