//! Data files hashed before they are read.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::error::{LakeError, Result};
use super::store::Store;
use super::verify::{Named, check_file};

/// An extension of a session's options: with it a scan reads only files that have the recorded hash.
///
/// Each file is hashed once a session, before the first scan that needs it.
#[derive(Debug, Default)]
pub struct VerifiedReads {
    sound: Mutex<HashSet<PathBuf>>,
}

impl VerifiedReads {
    /// Hash a file unless this session has.
    pub(super) fn check(&self, store: &Store, path: &Path, sha256: &str, size: u64) -> Result<()> {
        let known = || self.sound.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(path) {
            return Ok(());
        }
        let named = Named { sha256: Some(sha256.to_owned()), size: Some(size) };
        check_file(store, path, &named).map_err(|problem| LakeError::damaged(path, problem))?;
        known().insert(path.to_path_buf());
        Ok(())
    }
}
