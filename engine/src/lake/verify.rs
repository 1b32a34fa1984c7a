//! Is every byte of the lake the one that was written?
//!
//! Reads everything again: lake versions and their chain, log entries against the hashes that
//! versions keep of them, properties, data files against the hashes in their Add actions. It
//! changes nothing and does not stop at the first problem.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::confirmation;
use super::delta;
use super::error::Result;
use super::lake::{Lake, blocking};
use super::layout::Layout;
use super::pending::{Entry, Pending};
use super::store::{Store, durable};
use super::version::{LakeVersion, Stored, newest, sha256_hex};
use crate::error::chain;

/// Something in the lake is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub message: String,
}

/// Result of [`Lake::verify`].
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// What is wrong; empty = the lake is sound.
    pub problems: Vec<Problem>,
    /// Files that no version names: left by a landing that did not happen. Harmless.
    pub orphans: Vec<PathBuf>,
    /// Lake versions that are decided but not yet published; the next writer publishes them.
    pub pending: Vec<u64>,
    /// Lake versions read.
    pub version_count: u64,
    /// Data files read.
    pub file_count: u64,
    /// Bytes of data files read.
    pub byte_count: u64,
}

/// A data file as some version names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) sha256: Option<String>,
    pub(super) size: Option<u64>,
}

impl Lake {
    /// Check the lake; `every_version` also reads the data files that only older versions name.
    ///
    /// # Errors
    /// Only when the lake cannot be looked through at all; what is wrong inside is in the result.
    pub async fn verify(&self, every_version: bool, threads: usize) -> Result<Verification> {
        let layout = self.layout().clone();
        let (mut found, versions, logs) = blocking("verify the lake", move || {
            let mut found = Verification::default();
            let versions = check_versions(&layout, &mut found)?;
            check_signatures(&layout, &mut found)?;
            let logs = check_logs(&layout, &versions, every_version, threads, &mut found)?;
            Ok((found, versions, logs))
        })
        .await?;
        if let Some(latest) = versions.last() {
            for (table, version) in &latest.tables {
                self.check_table(table, *version, logs.get(table), &mut found).await;
            }
        }
        if let Some(version) = versions.last().and_then(|latest| latest.tables.get("gov.confirmation_event"))
        {
            self.check_confirmations(*version, &mut found).await;
        }
        found.problems.sort();
        found.problems.dedup();
        found.orphans.sort();
        Ok(found)
    }

    /// Every file of proof that a confirmation names is there.
    async fn check_confirmations(&self, version: u64, found: &mut Verification) {
        let name = "gov.confirmation_event";
        let read = match self.table(name, version).await {
            Ok(table) => blocking("read the confirmations", move || confirmation::evidence(&table)).await,
            Err(error) => Err(error),
        };
        let (folder, store) = (self.layout().signatures(), self.layout().store().clone());
        match read {
            Err(error) => found.problem(&self.layout().table(name), chain(&error)),
            Ok(names) => {
                let looked = blocking("look for signatures", move || {
                    let present = store.names(&folder)?.into_iter().filter(|found| !found.is_folder);
                    let present: BTreeSet<String> = present.map(|found| found.name).collect();
                    Ok(names.difference(&present).map(|name| folder.join(name)).collect::<Vec<_>>())
                });
                match looked.await {
                    Err(error) => found.problem(&self.layout().signatures(), chain(&error)),
                    Ok(missing) => missing.iter().for_each(|path| {
                        found.problem(path, "a confirmation names it and it is missing".to_owned());
                    }),
                }
            }
        }
    }

    /// Properties, and whether deltalake (which may read a checkpoint) sees the files that the log names.
    async fn check_table(
        &self,
        table: &str,
        version: u64,
        named: Option<&BTreeMap<String, Named>>,
        found: &mut Verification,
    ) {
        let log = self.layout().log(table);
        match delta::load(self.layout(), table, version).await {
            Err(error) => found.problem(&log, chain(&error)),
            Ok(files) => {
                let seen: BTreeSet<&str> = files.files.iter().map(|file| file.path.as_str()).collect();
                let named: BTreeSet<&str> =
                    named.into_iter().flat_map(|named| named.keys().map(String::as_str)).collect();
                if seen != named {
                    found.problem(&log, "a checkpoint and the log entries name different files".to_owned());
                }
            }
        }
    }
}

/// What proves confirmations: every file is what its name says. That none is missing is checked with the rows
/// that name them, [`Lake::check_confirmations`].
fn check_signatures(layout: &Layout, found: &mut Verification) -> Result<()> {
    let folder = layout.signatures();
    if layout.store().remote().is_none() && folder.is_dir() && !durable::is_private(&folder) {
        let open = "others than its owner may read it: take their rights away (chmod 700)".to_owned();
        found.problem(&folder, open);
    }
    for entry in layout.store().names(&folder)? {
        let path = folder.join(&entry.name);
        let bytes = layout.store().read(&path)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.to_string_lossy().contains('#') {
            // A temporary file of a writer that died, or is at work.
            found.orphans.push(path);
        } else if stem != sha256_hex(&bytes) {
            found.problem(&path, "its bytes do not have the hash that is its name".to_owned());
        }
    }
    Ok(())
}

impl Verification {
    fn problem(&mut self, path: &Path, message: String) {
        self.problems.push(Problem { path: path.to_path_buf(), message });
    }
}

/// Read every lake version and follow the chain.
fn check_versions(layout: &Layout, found: &mut Verification) -> Result<Vec<LakeVersion>> {
    let latest = newest(layout)?;
    let mut versions: Vec<LakeVersion> = Vec::new();
    let mut parent: Option<String> = None;
    for number in 0..=latest {
        let path = layout.snapshot(number);
        match Stored::read(layout, number) {
            Err(error) => {
                found.problem(&path, chain(&error));
                parent = None;
            }
            Ok(stored) => {
                if number > 0 && parent.is_some() && stored.version.parent != parent {
                    found.problem(&path, "it does not hold the hash of the version before it".to_owned());
                }
                if versions.last().is_some_and(|before| before.created_at > stored.version.created_at) {
                    found.problem(&path, "it is dated before its parent".to_owned());
                }
                parent = Some(stored.sha256.clone());
                versions.push(stored.version);
            }
        }
        found.version_count += 1;
    }
    match Pending::find(layout) {
        Ok(pending) => found.pending = pending.iter().map(|pending| pending.version).collect(),
        Err(error) => found.problem(&layout.pending(), chain(&error)),
    }
    if layout.store().remote().is_some() {
        check_decisions(layout, &versions, found);
    }
    Ok(versions)
}

/// In an object store what was decided stays: each must be the version that was published.
fn check_decisions(layout: &Layout, versions: &[LakeVersion], found: &mut Verification) {
    for version in versions.iter().filter(|version| version.version > 0) {
        let path = layout.pending().join(format!("{}.json", version.version));
        match Pending::read(layout, &path) {
            Err(error) => found.problem(&path, chain(&error)),
            Ok(pending) if pending.snapshot.as_bytes() != version.to_bytes() => {
                found.problem(&path, "it is not the lake version that was published".to_owned());
            }
            Ok(pending) => {
                let is_same = |entry: &Entry| {
                    version.commits.get(&entry.table) == Some(&sha256_hex(entry.text.as_bytes()))
                };
                if !pending.entries.iter().all(is_same) {
                    found.problem(&path, "its log entries are not those that were published".to_owned());
                }
            }
        }
    }
}

/// Read every log entry, then the data files; returns the live files of each table by path.
fn check_logs(
    layout: &Layout,
    versions: &[LakeVersion],
    every_version: bool,
    threads: usize,
    found: &mut Verification,
) -> Result<BTreeMap<String, BTreeMap<String, Named>>> {
    let Some(latest) = versions.last() else { return Ok(BTreeMap::new()) };
    let mut hashes: BTreeMap<(&str, u64), &str> = BTreeMap::new();
    for version in versions {
        for (table, sha256) in &version.commits {
            if let Some(at) = version.tables.get(table) {
                hashes.insert((table, *at), sha256);
            }
        }
    }
    let mut live = BTreeMap::new();
    let mut to_read: Vec<(PathBuf, Named)> = Vec::new();
    let mut tables = layout.tables()?;
    tables.extend(latest.tables.keys().cloned());
    tables.sort();
    tables.dedup();
    for table in tables {
        let mut current: BTreeMap<String, Named> = BTreeMap::new();
        let mut ever: BTreeMap<String, Named> = BTreeMap::new();
        let head = latest.tables.get(&table).copied();
        for at in head.iter().flat_map(|head| 0..=*head) {
            let path = layout.log_entry(&table, at);
            match layout.store().read(&path) {
                Err(error) => found.problem(&path, chain(&error)),
                Ok(bytes) => {
                    if hashes.get(&(table.as_str(), at)).is_none_or(|hash| **hash != sha256_hex(&bytes)) {
                        found.problem(
                            &path,
                            "it is not the log entry that its lake version recorded".to_owned(),
                        );
                    }
                    if let Err(message) = replay(&bytes, &mut current, &mut ever) {
                        found.problem(&path, message);
                    }
                }
            }
        }
        if let Ok(beyond) = layout.head(&table)
            && beyond > head
            && found.pending.is_empty()
        {
            let message = format!("it holds the commit {beyond:?}, which no lake version names");
            found.problem(&layout.log(&table), message);
        }
        let folder = layout.table(&table);
        let present = layout.store().files_below(&folder, "_delta_log")?;
        found
            .orphans
            .extend(present.iter().filter(|path| !ever.contains_key(*path)).map(|path| folder.join(path)));
        let chosen = if every_version { &ever } else { &current };
        to_read.extend(chosen.iter().map(|(path, named)| (folder.join(path), named.clone())));
        live.insert(table, current);
    }
    check_files(layout.store(), &to_read, threads, found);
    Ok(live)
}

fn replay(
    bytes: &[u8],
    current: &mut BTreeMap<String, Named>,
    ever: &mut BTreeMap<String, Named>,
) -> std::result::Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let action: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if let Some(path) = action.pointer("/remove/path").and_then(Value::as_str) {
            current.remove(path);
        }
        if let Some(path) = action.pointer("/add/path").and_then(Value::as_str) {
            let named = Named {
                sha256: action.pointer("/add/tags/bilim.sha256").and_then(Value::as_str).map(str::to_owned),
                size: action.pointer("/add/size").and_then(Value::as_u64),
            };
            current.insert(path.to_owned(), named.clone());
            ever.insert(path.to_owned(), named);
        }
    }
    Ok(())
}

/// Hash the data files, several at a time.
fn check_files(store: &Store, files: &[(PathBuf, Named)], threads: usize, found: &mut Verification) {
    let next = AtomicUsize::new(0);
    let results = Mutex::new((0_u64, Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some((path, named)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = check_file(store, path, named);
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    match verdict {
                        Ok(bytes) => results.0 += bytes,
                        Err(message) => results.1.push(Problem { path: path.clone(), message }),
                    }
                }
            });
        }
    });
    let (bytes, problems) = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.file_count += files.len() as u64;
    found.byte_count += bytes;
    found.problems.extend(problems);
}

pub(super) fn check_file(store: &Store, path: &Path, named: &Named) -> std::result::Result<u64, String> {
    let (size, sha256) = store.digest(path).map_err(|error| format!("cannot read it: {error}"))?;
    match (&named.sha256, named.size) {
        (None, _) => Err("its Add action has no SHA-256".to_owned()),
        (_, Some(wanted)) if wanted != size => Err(format!("it has {size} bytes instead of {wanted}")),
        (Some(wanted), _) if *wanted != sha256 => {
            Err("its SHA-256 is not the one recorded when it landed".to_owned())
        }
        _ => Ok(size),
    }
}
