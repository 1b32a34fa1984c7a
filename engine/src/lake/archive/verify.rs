//! Is an archive what was signed? Needs the folder and, for the signature, the root certificates.
//!
//! Every byte counts: of the files that the manifest names, of the manifest, of the signature; so do files
//! that are missing or that nobody named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};

use super::super::verify::Problem;
use super::copy::{hash, sum_line};
use super::manifest::{MANIFEST, Manifest, SIGNATURE, SUMS};
use super::sign::Roots;
use crate::error::chain;

/// What is known of the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureState {
    /// The archive has none.
    Absent,
    /// It has one; no roots were given to check it against.
    Unchecked,
    /// It leads to a root.
    Valid,
    /// It does not; the problems say why.
    Invalid,
}

/// Result of [`verify_archive`].
#[derive(Debug, Clone)]
pub struct ArchiveReport {
    /// What is wrong; empty = the archive is sound.
    pub problems: Vec<Problem>,
    /// The manifest, where it can be read.
    pub manifest: Option<Manifest>,
    /// Its SHA-256.
    pub manifest_sha256: Option<String>,
    /// The signature.
    pub signature: SignatureState,
    /// Files read.
    pub file_count: u64,
    /// Bytes read.
    pub byte_count: u64,
}

impl ArchiveReport {
    fn problem(&mut self, path: &Path, message: impl Into<String>) {
        self.problems.push(Problem { path: path.to_path_buf(), message: message.into() });
    }
}

/// Check an archive; `year` is the one it must be of, `roots` whom to trust.
#[must_use]
pub fn verify_archive(folder: &Path, year: Option<i32>, roots: Option<&Roots>) -> ArchiveReport {
    let mut report = ArchiveReport {
        problems: Vec::new(),
        manifest: None,
        manifest_sha256: None,
        signature: SignatureState::Absent,
        file_count: 0,
        byte_count: 0,
    };
    let present = present(folder, &mut report);
    match Manifest::read(folder) {
        Err(error) => report.problem(&folder.join(MANIFEST), chain(&error)),
        Ok((manifest, sha256)) => {
            if year.is_some_and(|year| year != manifest.year) {
                let message = format!("it is the manifest of {}", manifest.year);
                report.problem(&folder.join(MANIFEST), message);
            }
            check_files(folder, &manifest, &present, &mut report);
            report.manifest = Some(manifest);
            report.manifest_sha256 = Some(sha256);
        }
    }
    check_sums(folder, &present, &mut report);
    check_signature(folder, &present, roots, &mut report);
    report.problems.sort();
    report.problems.dedup();
    report
}

/// Files below a folder: path and size. Anything that is neither file nor folder is a problem.
fn present(folder: &Path, report: &mut ArchiveReport) -> BTreeMap<String, u64> {
    let mut present = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(current) = folders.pop() {
        let entries = match std::fs::read_dir(&current) {
            Ok(entries) => entries,
            Err(error) => {
                report.problem(&current, format!("cannot list it: {error}"));
                continue;
            }
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let Ok(metadata) = std::fs::symlink_metadata(&path) else {
                report.problem(&path, "cannot read it");
                continue;
            };
            if metadata.is_dir() {
                folders.push(path);
            } else if !metadata.is_file() {
                report.problem(&path, "it is a link or a device, not a file");
            } else if let Ok(below) = path.strip_prefix(folder) {
                present.insert(below.to_string_lossy().replace('\\', "/"), metadata.len());
            }
        }
    }
    present
}

fn check_files(
    folder: &Path,
    manifest: &Manifest,
    present: &BTreeMap<String, u64>,
    report: &mut ArchiveReport,
) {
    let mut named: BTreeSet<&str> = BTreeSet::from([MANIFEST, SIGNATURE, SUMS]);
    for file in &manifest.files {
        let path = folder.join(&file.path);
        if !named.insert(&file.path) {
            report.problem(&path, "the manifest names it twice");
        }
        match present.get(&file.path) {
            None => report.problem(&path, "it is missing"),
            Some(size) if *size != file.size => {
                report.problem(&path, format!("it has {size} bytes instead of {}", file.size));
            }
            Some(size) => match hash(&path) {
                Err(error) => report.problem(&path, chain(&error)),
                Ok(found) if found != file.sha256 => {
                    report.problem(&path, "its SHA-256 is not the one in the manifest");
                }
                Ok(_) => {
                    report.file_count += 1;
                    report.byte_count += size;
                }
            },
        }
    }
    for path in present.keys().filter(|path| !named.contains(path.as_str())) {
        report.problem(&folder.join(path), "the manifest does not name it");
    }
    for table in &manifest.tables {
        let rows: u64 = manifest
            .files
            .iter()
            .filter_map(|file| file.data.as_ref())
            .filter(|data| data.table == table.name)
            .map(|data| data.rows)
            .sum();
        if rows != table.rows {
            let message = format!("its files hold {rows} rows, the table has {}", table.rows);
            report.problem(&folder.join(table.name.replace('.', "/")), message);
        }
    }
}

fn check_sums(folder: &Path, present: &BTreeMap<String, u64>, report: &mut ArchiveReport) {
    let mut wanted = String::new();
    for name in [MANIFEST, SIGNATURE] {
        if present.contains_key(name) {
            match std::fs::read(folder.join(name)) {
                Ok(bytes) => wanted.push_str(&sum_line(&bytes, name)),
                Err(error) => report.problem(&folder.join(name), format!("cannot read it: {error}")),
            }
        }
    }
    let path = folder.join(SUMS);
    match std::fs::read(&path) {
        Ok(found) if found == wanted.as_bytes() => {}
        Ok(_) => report.problem(&path, "it does not hold the sums of manifest and signature as they are"),
        Err(error) => report.problem(&path, format!("cannot read it: {error}")),
    }
}

fn check_signature(
    folder: &Path,
    present: &BTreeMap<String, u64>,
    roots: Option<&Roots>,
    report: &mut ArchiveReport,
) {
    let path = folder.join(SIGNATURE);
    if !present.contains_key(SIGNATURE) {
        if roots.is_some() {
            report.problem(&path, "it is missing: nobody has signed the manifest");
        }
        return;
    }
    let Some(roots) = roots else {
        report.signature = SignatureState::Unchecked;
        return;
    };
    let made_at = report.manifest.as_ref().map(|manifest| manifest.made_at.parse::<DateTime<Utc>>());
    let bytes = std::fs::read(&path).and_then(|signature| {
        let manifest = std::fs::read(folder.join(MANIFEST))?;
        Ok((signature, manifest))
    });
    let verdict = match (bytes, made_at) {
        (Err(error), _) => Err(format!("cannot read it: {error}")),
        (Ok(_), None | Some(Err(_))) => Err("the manifest does not say when it was made".to_owned()),
        (Ok((signature, manifest)), Some(Ok(at))) => roots.check(&signature, &manifest, at),
    };
    report.signature = match verdict {
        Ok(()) => SignatureState::Valid,
        Err(message) => {
            report.problem(&path, format!("no valid signature of the manifest: {message}"));
            SignatureState::Invalid
        }
    };
}
