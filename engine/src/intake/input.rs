//! The submitted file: read once, hashed while it is read, never beyond its limit.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::IntakeError;
use super::finding::{At, Findings};
use super::ids::mask_iins;
use super::rules::{self, same};

/// A file under intake.
#[derive(Debug)]
pub(super) struct Input {
    path: PathBuf,
    name: String,
    file: File,
    hasher: Sha256,
    read: u64,
    // A file that grows while it is read ends where it ended when it was opened.
    size: u64,
    is_refused: bool,
}

impl Input {
    /// Open a file.
    pub(super) fn open(path: &Path) -> Result<Self, IntakeError> {
        let fail = |source| IntakeError::Open { path: path.to_owned(), source };
        let file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if !metadata.is_file() {
            return Err(fail(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
        }
        // The ledger keeps the name, and a name may hold an IIN as well as a cell may.
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let name = mask_iins(&name).into_owned();
        Ok(Self {
            path: path.to_owned(),
            name,
            file,
            hasher: Sha256::new(),
            read: 0,
            size: metadata.len(),
            is_refused: false,
        })
    }

    /// Name without folders.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The ending of the name, in lower case.
    pub(super) fn ending(&self) -> String {
        self.path.extension().map_or_else(String::new, |ending| ending.to_string_lossy().to_lowercase())
    }

    /// Whether the file keeps a limit; a breach is a finding and the file is not read.
    pub(super) fn check_size(&mut self, limit: u64, name: &str, findings: &mut Findings) -> bool {
        if self.size <= limit {
            return true;
        }
        self.is_refused = true;
        findings.add(rules::LIMIT, At::FILE, || {
            vec![same(name), same(format!("{} bytes", self.size)), same(format!("{limit} bytes"))]
        });
        false
    }

    /// Read on until the buffer holds `upto` bytes or the file ends; true at its end.
    pub(super) fn fill(&mut self, buffer: &mut Vec<u8>, upto: usize) -> Result<bool, IntakeError> {
        let before = buffer.len();
        let wanted = (upto.saturating_sub(before) as u64).min(self.size - self.read);
        let got = self
            .file
            .by_ref()
            .take(wanted)
            .read_to_end(buffer)
            .map_err(|source| IntakeError::Read { path: self.path.clone(), source })?;
        self.hasher.update(&buffer[before..]);
        self.read += got as u64;
        if (got as u64) < wanted {
            self.size = self.read;
        }
        Ok(self.read >= self.size)
    }

    /// The whole rest of the file; for formats that are read from memory, after a size check.
    pub(super) fn rest(&mut self) -> Result<Vec<u8>, IntakeError> {
        let mut bytes = Vec::new();
        self.fill(&mut bytes, usize::MAX)?;
        Ok(bytes)
    }

    /// Another handle on the same file, at its beginning, for formats that seek.
    pub(super) fn reopen(&self) -> Result<File, IntakeError> {
        let fail = |source| IntakeError::Read { path: self.path.clone(), source };
        let mut file = self.file.try_clone().map_err(fail)?;
        file.rewind().map_err(fail)?;
        Ok(file)
    }

    /// Read and hash what is left without keeping it.
    pub(super) fn skip_rest(&mut self) -> Result<(), IntakeError> {
        if self.is_refused {
            return Ok(());
        }
        let mut buffer = Vec::new();
        while !self.fill(&mut buffer, 1 << 20)? {
            buffer.clear();
        }
        Ok(())
    }

    /// Size and SHA-256 of the file; no hash when it was refused unread.
    pub(super) fn finish(mut self) -> Result<(u64, Option<String>), IntakeError> {
        self.skip_rest()?;
        let hash = (!self.is_refused).then(|| hex::encode(self.hasher.finalize()));
        Ok((self.read, hash))
    }
}
