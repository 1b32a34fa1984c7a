//! Files that arrive while updates are suspended and wait for the lake to reopen.
//!
//! An entry is a folder `queue/<n>/` with the file as it came and what is to be done with it. It appears
//! under its name whole and synced, so that an acknowledged file is landed later, whatever happens.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::error::{LakeError, Result};
use super::super::inject;
use super::super::lake::{Lake, blocking};
use super::super::store::durable;
use super::copy::{copy, hash};

const ENTRY: &str = "entry.json";
/// The head's signature, where the file came with one.
const SIGNATURE: &str = "entry.signature";
/// The envelope that was signed, where it was not the file itself.
const ENVELOPE: &str = "entry.envelope";
/// How the folder of an entry is called until it is whole.
const MAKING: &str = "making-";
/// Ending of an entry that was taken out.
const GONE: &str = "gone";
/// An entry in the making for so long is nobody's any more.
const GIVEN_UP: Duration = Duration::from_hours(24);
/// Numbers tried before the queue is given up as crowded.
const ATTEMPTS: u32 = 10_000;

/// A file to be kept.
#[derive(Debug, Clone)]
pub struct QueueRequest {
    /// Form code.
    pub form: String,
    /// Reporting year, where the file does not say it.
    pub year: Option<i32>,
    /// BIN of the submitting subject.
    pub subject_bin: Option<i64>,
    /// The file.
    pub path: PathBuf,
    /// Information system that it comes from.
    pub source_system: Option<String>,
    /// The head's signature.
    pub signature: Option<Vec<u8>>,
    /// The envelope that was signed.
    pub envelope: Option<Vec<u8>>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

/// A file that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// Place in the queue, from 1.
    pub number: u32,
    /// Form code.
    pub form: String,
    /// Reporting year, where the file does not say it.
    pub year: Option<i32>,
    /// BIN of the submitting subject.
    pub subject_bin: Option<i64>,
    /// Name of the file as submitted.
    pub file_name: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// Information system that it comes from; `None` = the warehouse itself.
    #[serde(default)]
    pub source_system: Option<String>,
    /// SHA-256 of the head's signature, hex.
    #[serde(default)]
    pub signature_sha256: Option<String>,
    /// SHA-256 of the envelope that was signed, hex.
    #[serde(default)]
    pub envelope_sha256: Option<String>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

impl Lake {
    /// Keep a file until the lake reopens; it is on disk when this returns. Takes no writer lock.
    ///
    /// # Errors
    /// [`LakeError::Io`].
    pub async fn enqueue(&self, request: QueueRequest) -> Result<Queued> {
        self.layout().needs_folder("queueing a file", "submit it again when updates resume")?;
        let folder = self.layout().queue();
        blocking("queue a file", move || enqueue(&folder, &request)).await
    }

    /// The files that wait, in the order in which they came.
    ///
    /// # Errors
    /// [`LakeError::Io`], or [`LakeError::Damaged`] naming the entry.
    pub async fn queued(&self) -> Result<Vec<Queued>> {
        if self.layout().store().remote().is_some() {
            return Ok(Vec::new());
        }
        let folder = self.layout().queue();
        blocking("list the queue", move || list(&folder)).await
    }

    /// The bytes of a waiting file, which must be those that came.
    ///
    /// # Errors
    /// [`LakeError::Damaged`] when they are not.
    pub async fn queued_file(&self, queued: &Queued) -> Result<PathBuf> {
        let path = place(&self.layout().queue(), queued.number).join(&queued.file_name);
        let wanted = queued.sha256.clone();
        blocking("read a queued file", move || same(path, &wanted)).await
    }

    /// The signature of a waiting file and the envelope that was signed, as they came; `None` = it is not signed.
    ///
    /// # Errors
    /// [`LakeError::Damaged`] when they are not what came, or an envelope came without a signature.
    pub async fn queued_signature(&self, queued: &Queued) -> Result<Option<(Vec<u8>, Option<Vec<u8>>)>> {
        let folder = place(&self.layout().queue(), queued.number);
        let (signature, envelope) = (queued.signature_sha256.clone(), queued.envelope_sha256.clone());
        blocking("read the signature of a queued file", move || {
            let bytes = |name: &str, wanted: Option<String>| {
                let read = |wanted: String| {
                    let path = same(folder.join(name), &wanted)?;
                    std::fs::read(&path).map_err(LakeError::io("read", &path))
                };
                wanted.map(read).transpose()
            };
            match (bytes(SIGNATURE, signature)?, bytes(ENVELOPE, envelope)?) {
                (Some(signature), envelope) => Ok(Some((signature, envelope))),
                (None, None) => Ok(None),
                (None, Some(_)) => Err(LakeError::damaged(&folder, "it has an envelope and no signature")),
            }
        })
        .await
    }

    /// Take a file that has landed, or was rejected, out of the queue.
    ///
    /// # Errors
    /// [`LakeError::Io`].
    pub async fn dequeue(&self, queued: &Queued) -> Result<()> {
        let folder = self.layout().queue();
        let entry = place(&folder, queued.number);
        blocking("shorten the queue", move || {
            // Away from its name first: half a removal must not look like an entry.
            let gone = entry.with_extension(GONE);
            if gone.exists() {
                // Left by a crash; the number was given again.
                durable::remove_folder(&gone)?;
            }
            // "Failed" may mean "done".
            let renamed = durable::rename(&entry, &gone);
            if entry.exists() || !gone.exists() {
                renamed?;
            }
            durable::sync_folder(&folder)?;
            durable::remove_folder(&gone)
        })
        .await
    }
}

fn place(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:08}"))
}

/// The path, when the file there has this hash.
fn same(path: PathBuf, wanted: &str) -> Result<PathBuf> {
    if hash(&path)? == wanted {
        return Ok(path);
    }
    Err(LakeError::damaged(&path, "it is not the file that was queued"))
}

fn enqueue(folder: &Path, request: &QueueRequest) -> Result<Queued> {
    // What waits is not checked yet and may hold anything, and its signature names a person.
    durable::private_folder(folder)?;
    let name = request.path.file_name().map(|name| name.to_string_lossy().into_owned());
    // The entry's own files must keep their names.
    let is_own = |name: &str| [ENTRY, SIGNATURE, ENVELOPE].contains(&name);
    let name = name.filter(|name| !is_own(name)).unwrap_or_else(|| "file".to_owned());
    let make = || tempfile::Builder::new().prefix(MAKING).tempdir_in(folder);
    let making = inject::step("mkdir", folder, make).map_err(LakeError::io("make a folder in", folder))?;
    durable::private_folder(making.path())?;
    let (_, sha256) = copy(&request.path, &making.path().join(&name))?;
    let keep = |name: &str, bytes: &Option<Vec<u8>>| {
        let write = |bytes: &Vec<u8>| {
            durable::replace(&making.path().join(name), bytes)?;
            Ok::<_, LakeError>(hex::encode(Sha256::digest(bytes)))
        };
        bytes.as_ref().map(write).transpose()
    };
    let signature_sha256 = keep(SIGNATURE, &request.signature)?;
    let envelope_sha256 = keep(ENVELOPE, &request.envelope)?;
    let mut queued = Queued {
        number: numbers(folder)?.last().map_or(1, |last| last + 1),
        form: request.form.clone(),
        year: request.year,
        subject_bin: request.subject_bin,
        file_name: name,
        sha256,
        source_system: request.source_system.clone(),
        signature_sha256,
        envelope_sha256,
        received_at: request.received_at,
    };
    for _ in 0..ATTEMPTS {
        let text = serde_json::to_vec_pretty(&queued).expect("texts and numbers serialise");
        durable::replace(&making.path().join(ENTRY), &text)?;
        let target = place(folder, queued.number);
        // Renaming onto a folder that holds something fails: somebody else took the number.
        let renamed = durable::rename(making.path(), &target);
        // "Failed" may mean "done": only we could move our folder.
        if renamed.is_ok() || (!making.path().exists() && target.exists()) {
            let synced = durable::sync_folder(folder);
            if synced.is_err() {
                // What is not known to be on disk is not acknowledged, and must not land behind the back of
                // whoever was told so.
                let _ = durable::rename(&target, making.path()).and_then(|()| durable::sync_folder(folder));
            }
            synced?;
            return Ok(queued);
        }
        if !target.exists() {
            renamed?;
        }
        queued.number += 1;
    }
    Err(LakeError::damaged(folder, format!("{ATTEMPTS} numbers of the queue are taken")))
}

/// Remove what a crash left: entries taken out, and those that were never whole. Only the writer takes out,
/// but whoever queues needs no lock, so what is young may be in the making.
pub(in super::super) fn tidy(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(LakeError::io("list", folder))? {
        let entry = entry.map_err(LakeError::io("list", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let age = || entry.metadata().and_then(|found| found.modified()).ok()?.elapsed().ok();
        let is_given_up = name.starts_with(MAKING) && age().is_some_and(|age| age > GIVEN_UP);
        let path = entry.path();
        if is_given_up || path.extension().is_some_and(|ending| ending == GONE) {
            durable::remove_folder(&path)?;
        }
    }
    Ok(())
}

/// Numbers of the entries, ascending.
fn numbers(folder: &Path) -> Result<Vec<u32>> {
    let mut numbers = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(numbers),
        Err(error) => return Err(LakeError::io("list", folder)(error)),
    };
    for entry in entries {
        let name = entry.map_err(LakeError::io("list", folder))?.file_name();
        numbers.extend(name.to_str().and_then(|name| name.parse::<u32>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn list(folder: &Path) -> Result<Vec<Queued>> {
    let mut queue = Vec::new();
    for number in numbers(folder)? {
        let path = place(folder, number).join(ENTRY);
        let bytes = std::fs::read(&path).map_err(LakeError::io("read", &path))?;
        let queued: Queued =
            serde_json::from_slice(&bytes).map_err(|error| LakeError::damaged(&path, error.to_string()))?;
        let is_plain = Path::new(&queued.file_name).components().count() == 1;
        if queued.number != number || !is_plain {
            return Err(LakeError::damaged(&path, "it is another entry's"));
        }
        queue.push(queued);
    }
    Ok(queue)
}
