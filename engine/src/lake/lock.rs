//! What makes a process the one writer of a lake: the operating system's lock of a folder, or the lease of an
//! object store.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, Utc};

use super::error::{LakeError, Result};
use super::layout::Layout;
use super::lease::{self, Lease, Terms};

const POLL: Duration = Duration::from_millis(50);

/// Held as long as the writer lives.
#[derive(Debug)]
pub(super) enum WriterLock {
    /// The system releases it when the process ends, however it ends.
    File(#[allow(dead_code, reason = "it is held, not read")] File),
    /// The next writer waits for its end when the process does not release it.
    Lease(Lease),
}

impl WriterLock {
    /// The lease, unless the lake is a folder.
    pub(super) fn lease(&self) -> Option<&Lease> {
        match self {
            Self::File(_) => None,
            Self::Lease(lease) => Some(lease),
        }
    }
}

/// Take the lock.
pub(super) async fn acquire(layout: &Layout, terms: Terms) -> Result<WriterLock> {
    match layout.store().remote() {
        None => file(layout, terms.wait).await.map(WriterLock::File),
        Some(remote) => lease::acquire(layout, remote, terms).await.map(WriterLock::Lease),
    }
}

/// Take the lock of a folder, waiting for at most `wait`.
async fn file(layout: &Layout, wait: Duration) -> Result<File> {
    let path = layout.lock();
    let deadline = Instant::now() + wait;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(LakeError::io("open", &path))?;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => tokio::time::sleep(POLL).await,
            Err(TryLockError::WouldBlock) => {
                let note = std::fs::read_to_string(&path).unwrap_or_default();
                let holder = if note.trim().is_empty() { "another process" } else { note.trim() };
                return Err(LakeError::Locked {
                    path: layout.root().to_path_buf(),
                    holder: holder.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(LakeError::io("lock", &path)(source)),
        }
    }
    // Only for the message that others see; the lock is the file's, not its text.
    let since = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let note = format!("process {} since {since}\n", std::process::id());
    let noted = file.set_len(0).and_then(|()| file.write_all(note.as_bytes()));
    noted.map_err(LakeError::io("write", &path))?;
    Ok(file)
}
