//! The audit log: who was told what, written before it is told.
//!
//! One file a day of JSON lines, to which lines are only ever added. Each line holds the hash of the line before
//! it, across files, and its own: a line changed, removed or put in between breaks the chain at that place. What
//! an answer held is not in the log.
//!
//! Lines of callers that come at the same time are synced together by one thread. Where the log cannot be written
//! nothing is answered.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};

use super::error::ServerError;

/// Hash before the first line.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Lines that wait for the thread.
const QUEUE: usize = 1_024;

/// Longest line read back, in bytes: a statement has at most 256 KiB, and JSON may write each byte as six.
const MAX_LINE: u64 = 4 << 20;

/// Writes lines. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Audit {
    lines: mpsc::Sender<Line>,
}

#[derive(Debug)]
struct Line {
    time: DateTime<Utc>,
    fields: Map<String, Value>,
    done: oneshot::Sender<Result<(), Arc<ServerError>>>,
}

impl Audit {
    /// Go on with the log of a folder, or begin one.
    ///
    /// # Errors
    /// [`ServerError::Audit`], and [`ServerError::AuditChanged`] when its last file is not what was written.
    pub fn open(folder: &Path) -> Result<Self, ServerError> {
        let mut book = Book::open(folder)?;
        let (lines, mut waiting) = mpsc::channel::<Line>(QUEUE);
        let writer = move || {
            while let Some(first) = waiting.blocking_recv() {
                let mut batch = vec![first];
                while let Ok(next) = waiting.try_recv() {
                    batch.push(next);
                }
                let written = book.write(&batch).map_err(Arc::new);
                if let Err(error) = &written {
                    tracing::error!(error = %error, "the audit log cannot be written");
                }
                for line in batch {
                    let _ = line.done.send(written.clone());
                }
            }
        };
        std::thread::Builder::new().name("audit".to_owned()).spawn(writer).map_err(ServerError::Threads)?;
        Ok(Self { lines })
    }

    /// Add a line and wait until it is on disk, and all before it.
    ///
    /// # Errors
    /// [`ServerError::Audit`]: the line may be lost, so what it is about must not happen.
    pub async fn write(&self, event: &str, fields: Value) -> Result<(), Arc<ServerError>> {
        let written = self.add(event, fields).await;
        written.await.unwrap_or_else(|_| {
            let source = std::io::Error::other("its thread has ended");
            Err(Arc::new(ServerError::Audit { path: PathBuf::from("audit"), source }))
        })
    }

    /// Add a line; what comes back tells when it is on disk, for whom it matters. A line that cannot be written is
    /// told in the server's own log.
    pub async fn add(&self, event: &str, fields: Value) -> oneshot::Receiver<Result<(), Arc<ServerError>>> {
        let mut all = Map::new();
        all.insert("event".to_owned(), Value::from(event));
        if let Value::Object(fields) = fields {
            all.extend(fields);
        }
        let (done, written) = oneshot::channel();
        // Without its thread the line is dropped here, and whoever waits for it is told.
        let _ = self.lines.send(Line { time: Utc::now(), fields: all, done }).await;
        written
    }
}

/// The open file and the end of the chain.
struct Book {
    folder: PathBuf,
    day: NaiveDate,
    file: File,
    number: u64,
    last: String,
    /// A write failed: what is on disk is not known, so nothing more is added.
    is_broken: bool,
}

impl Book {
    fn open(folder: &Path) -> Result<Self, ServerError> {
        create_private(folder)?;
        let (mut number, mut last) = (0, GENESIS.to_owned());
        if let Some(path) = files(folder)?.pop() {
            let end = chain(&path, None)?;
            if let Some((at, hash)) = end.last {
                (number, last) = (at, hash);
            }
            if end.torn > 0 {
                // What a crash left of a line was never acknowledged.
                let file = OpenOptions::new().write(true).open(&path).map_err(of(&path))?;
                file.set_len(end.whole).map_err(of(&path))?;
                file.sync_all().map_err(of(&path))?;
            }
        }
        let day = Utc::now().date_naive();
        let file = open_day(folder, day)?;
        Ok(Self { folder: folder.to_owned(), day, file, number, last, is_broken: false })
    }

    fn write(&mut self, lines: &[Line]) -> Result<(), ServerError> {
        let path = day_path(&self.folder, self.day);
        if self.is_broken {
            let source = std::io::Error::other("an earlier line could not be written");
            return Err(ServerError::Audit { path, source });
        }
        let (before, last) = (self.number, self.last.clone());
        let result = self.try_write(lines);
        if result.is_err() {
            self.is_broken = true;
            (self.number, self.last) = (before, last);
        }
        result
    }

    fn try_write(&mut self, lines: &[Line]) -> Result<(), ServerError> {
        let day = Utc::now().date_naive();
        if day != self.day {
            self.file = open_day(&self.folder, day)?;
            self.day = day;
        }
        let path = day_path(&self.folder, self.day);
        let mut text = Vec::new();
        for line in lines {
            self.number += 1;
            let mut record = Map::new();
            record.insert("number".to_owned(), Value::from(self.number));
            let time = line.time.to_rfc3339_opts(SecondsFormat::Micros, true);
            record.insert("time".to_owned(), Value::from(time));
            record.extend(line.fields.clone());
            record.insert("previous".to_owned(), Value::from(self.last.as_str()));
            let hash = hash_of(&record);
            record.insert("sha256".to_owned(), Value::from(hash.as_str()));
            text.extend(Value::Object(record).to_string().into_bytes());
            text.push(b'\n');
            self.last = hash;
        }
        self.file.write_all(&text).map_err(of(&path))?;
        self.file.sync_data().map_err(of(&path))
    }
}

/// What a folder's log holds.
#[derive(Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Files.
    pub files: usize,
    /// Lines.
    pub lines: u64,
    /// Hash of the last line.
    pub head: String,
}

/// Check that every line of a log is what was written and follows the one before it.
///
/// # Errors
/// [`ServerError::AuditChanged`] naming the first line that does not hold, [`ServerError::Audit`].
pub fn verify(folder: &Path) -> Result<AuditReport, ServerError> {
    let (mut lines, mut head) = (0, GENESIS.to_owned());
    let all = files(folder)?;
    for path in &all {
        let end = chain(path, Some((lines, &head)))?;
        if let Some((number, hash)) = end.last {
            (lines, head) = (number, hash);
        }
    }
    Ok(AuditReport { files: all.len(), lines, head })
}

/// End of one file.
struct End {
    /// Number and hash of its last line.
    last: Option<(u64, String)>,
    /// Bytes of whole lines.
    whole: u64,
    /// Bytes behind them.
    torn: u64,
}

/// Follow the chain through a file, from the end of the file before where that is known.
fn chain(path: &Path, from: Option<(u64, &str)>) -> Result<End, ServerError> {
    let changed = |line, what| ServerError::AuditChanged { path: path.to_owned(), line, what };
    let mut file = BufReader::new(File::open(path).map_err(of(path))?);
    let mut last = from.map(|(number, hash)| (number, hash.to_owned()));
    let mut is_empty = true;
    let (mut whole, mut at) = (0, 0);
    loop {
        let mut text = Vec::new();
        file.by_ref().take(MAX_LINE).read_until(b'\n', &mut text).map_err(of(path))?;
        if text.last() != Some(&b'\n') {
            let last = if is_empty { None } else { last };
            return Ok(End { last, whole, torn: text.len() as u64 });
        }
        at += 1;
        whole += text.len() as u64;
        let record: Map<String, Value> =
            serde_json::from_slice(&text).map_err(|_| changed(at, "it is no record"))?;
        let field = |name: &str| record.get(name).and_then(Value::as_str);
        let number = record.get("number").and_then(Value::as_u64).unwrap_or(0);
        if let Some((before, hash)) = &last {
            if number != before + 1 {
                return Err(changed(at, "a line before it is missing"));
            }
            if field("previous") != Some(hash) {
                return Err(changed(at, "it does not follow the line before it"));
            }
        }
        let hash = field("sha256").unwrap_or_default().to_owned();
        let mut unhashed = record.clone();
        unhashed.shift_remove("sha256");
        if hash_of(&unhashed) != hash {
            return Err(changed(at, "its content is not what was hashed"));
        }
        last = Some((number, hash));
        is_empty = false;
    }
}

fn hash_of(record: &Map<String, Value>) -> String {
    hex::encode(Sha256::digest(Value::Object(record.clone()).to_string()))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, ServerError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(of(folder))? {
        let path = entry.map_err(of(folder))?.path();
        if path.extension().is_some_and(|ending| ending == "ndjson") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn day_path(folder: &Path, day: NaiveDate) -> PathBuf {
    folder.join(format!("{day}.ndjson"))
}

fn open_day(folder: &Path, day: NaiveDate) -> Result<File, ServerError> {
    let path = day_path(folder, day);
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(of(&path))?;
    file.seek(SeekFrom::End(0)).map_err(of(&path))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(of(folder))?;
    Ok(file)
}

/// A folder that only the owner of the server reads.
fn create_private(folder: &Path) -> Result<(), ServerError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(of(folder))
}

fn of(path: &Path) -> impl Fn(std::io::Error) -> ServerError {
    let path = path.to_owned();
    move |source| ServerError::Audit { path: path.clone(), source }
}

/// Fields that every line about a caller has.
#[must_use]
pub fn caller(caller: &crate::session::policy::Caller, peer: Option<std::net::SocketAddr>) -> Value {
    json!({
        "caller": caller.name(),
        "role": caller.role().as_str(),
        "scope": caller.scope().map(|unit| unit.to_string()),
        "peer": peer.map(|peer| peer.ip().to_string()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    async fn write(folder: &Path, texts: &[&str]) {
        let audit = Audit::open(folder).unwrap();
        for text in texts {
            audit.write("query", json!({ "statement": text })).await.unwrap();
        }
    }

    fn only_file(folder: &Path) -> PathBuf {
        files(folder).unwrap().pop().unwrap()
    }

    #[tokio::test]
    async fn the_chain_goes_on_after_a_restart_and_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["select 1", "select 'ә\n\"'"]).await;
        let path = only_file(folder.path());
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"number\":3,").unwrap();
        write(folder.path(), &["select 3"]).await;
        let report = verify(folder.path()).unwrap();
        assert_eq!(report.lines, 3);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().last().unwrap().contains(&report.head));
    }

    #[tokio::test]
    async fn a_changed_a_removed_and_a_moved_line_are_found() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["select 1", "select 2", "select 3"]).await;
        let path = only_file(folder.path());
        let whole = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        let broken = |text: String| {
            std::fs::write(&path, text).unwrap();
            match verify(folder.path()) {
                Err(ServerError::AuditChanged { line, .. }) => line,
                other => panic!("not found: {other:?}"),
            }
        };
        assert_eq!(broken(whole.replace("select 2", "select 9")), 2);
        assert_eq!(broken(format!("{}\n{}\n", lines[0], lines[2])), 2);
        assert_eq!(broken(format!("{}\n{}\n", lines[1], lines[0])), 1);
        assert!(Audit::open(folder.path()).is_err(), "nothing is added to a log that was changed");
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(verify(folder.path()).unwrap().lines, 3);
    }
}
