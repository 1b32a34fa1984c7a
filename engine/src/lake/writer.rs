//! The one writer of a lake: its lock, recovery, staging. Landing itself is in `land`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::RecordBatch;
use futures::Stream;
use tokio::sync::Mutex;

use super::archive;
use super::confirmation::{Confirmation, SignatureUse, Used};
use super::definitions;
use super::error::{LakeError, Result};
use super::fault::{Fault, Faults};
use super::gov::{self, Known};
use super::lake::{Lake, blocking};
use super::land::State;
use super::landing::{Landing, Receipt};
use super::lease::Terms;
use super::lock::{self, WriterLock};
use super::pending::Pending;
use super::snapshot::AsOf;
use super::spec::TableSpec;
use super::stage::{self, StageJob, StageLimits, StagedFiles};
use super::store::durable;
use super::version::{LakeVersion, Stored};
use crate::config::Config;
use crate::definitions::Form;

/// How a writer works.
#[derive(Debug, Clone)]
pub struct WriterOptions {
    /// How long to wait for another writer; zero = not at all.
    pub wait: Duration,
    /// How long the lease of a lake in an object store holds without renewal. Whether another writer is alive
    /// takes up to this and a third of it to tell.
    pub lease: Duration,
    /// Bytes of rows kept in memory before staging spills to disk.
    pub memory_bytes: usize,
    /// Most rows of one data file.
    pub max_file_rows: usize,
    /// Threads that encode columns.
    pub threads: usize,
    /// Time instead of the system's; `None` = the system's.
    pub now: Option<DateTime<Utc>>,
    #[doc(hidden)]
    pub fault: Option<Fault>,
}

impl From<&Config> for WriterOptions {
    fn from(config: &Config) -> Self {
        Self {
            wait: Duration::from_secs(config.writer_wait_seconds),
            lease: config.lease,
            memory_bytes: config.staging_memory_bytes,
            max_file_rows: config.max_file_rows,
            threads: config.threads,
            now: config.now,
            fault: None,
        }
    }
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self { wait: Duration::ZERO, ..Self::from(&Config::default()) }
    }
}

/// The holder of a lake's writer lock. Cheap to clone; the lock goes with the last clone and
/// the last [`StagedFiles`].
///
/// Staging may run side by side; landing is one batch after another.
#[derive(Debug, Clone)]
pub struct Writer {
    pub(super) core: Arc<Core>,
}

/// What the clones share.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) lake: Lake,
    pub(super) options: WriterOptions,
    pub(super) faults: Faults,
    pub(super) next_number: AtomicI64,
    pub(super) state: Mutex<State>,
    held: Arc<AtomicUsize>,
    pub(super) lock: Arc<WriterLock>,
    /// Names given to data files so far.
    stamps: AtomicU64,
}

/// How often a writer that follows an unreleased lease takes over what was decided under it.
const TAKEOVERS: usize = 8;

impl Lake {
    /// Become the writer: take the lock, finish what a crashed writer decided, read the ledger.
    ///
    /// In an object store, whoever follows a lease that was not released commits its epoch to every table first,
    /// so that the holder before it cannot decide anything any more.
    ///
    /// # Errors
    /// [`LakeError::Locked`] when another writer holds the lock for longer than `options.wait`,
    /// [`LakeError::ForeignCommit`] when a table was written by another program.
    pub async fn writer(&self, options: WriterOptions) -> Result<Writer> {
        let terms = Terms { length: options.lease, wait: options.wait, now: options.now };
        let lock = Arc::new(lock::acquire(self.layout(), terms).await?);
        let mut attempts = 0;
        loop {
            let core = self.core(Arc::clone(&lock), options.clone()).await?;
            let Some(lease) = lock.lease().filter(|lease| lease.is_unfenced()) else {
                return Ok(Writer { core: Arc::new(core) });
            };
            attempts += 1;
            match core.fence(lease.epoch()).await {
                Ok(()) => {
                    lease.set_fenced();
                    return Ok(Writer { core: Arc::new(core) });
                }
                // The holder before was alive enough to decide once more: that stands, and is taken over.
                Err(LakeError::LeaseLost { .. }) if attempts < TAKEOVERS => lease.confirm(self.layout())?,
                Err(error) => return Err(error),
            }
        }
    }

    /// A writer's state as of now.
    async fn core(&self, lock: Arc<WriterLock>, options: WriterOptions) -> Result<Core> {
        let lake = self.clone();
        let current = blocking("recover the lake", move || recover(&lake)).await?;
        let known = match current.version.tables.get("gov.submission") {
            None => Known::new(),
            Some(version) => {
                let table = self.table("gov.submission", *version).await?;
                blocking("read the ledger", move || gov::known(&table)).await?
            }
        };
        let used = match current.version.tables.get("gov.confirmation_event") {
            None => Used::default(),
            Some(version) => {
                let table = self.table("gov.confirmation_event", *version).await?;
                blocking("read the confirmations", move || Used::read(&table)).await?
            }
        };
        Ok(Core {
            lake: self.clone(),
            faults: Faults::new(options.fault),
            options,
            held: Arc::default(),
            next_number: AtomicI64::new(current.version.ledger + 1),
            state: Mutex::new(State {
                definitions: current.version.definitions.clone(),
                current,
                known,
                used,
                unfinished: None,
            }),
            lock,
            stamps: AtomicU64::new(0),
        })
    }
}

/// Finish pending landings and hold every table's head against the newest version.
fn recover(lake: &Lake) -> Result<Arc<Stored>> {
    let layout = lake.layout();
    if layout.store().remote().is_none() {
        let staging = layout.staging();
        if staging.exists() {
            durable::remove_folder(&staging)?;
        }
        remove_temporary(&layout.pending())?;
        // Lakes of earlier versions, and copies brought back from a store without permissions.
        for folder in [layout.signatures(), layout.queue()] {
            if folder.is_dir() {
                durable::private_folder(&folder)?;
            }
        }
        if layout.queue().is_dir() {
            archive::tidy_queue(&layout.queue())?;
        }
    }
    loop {
        let found = Pending::find(layout)?;
        for pending in &found {
            pending.carry_out(layout, &Faults::default())?;
        }
        // In an object store a stopped holder may have gone on meanwhile.
        if found.is_empty() || layout.store().remote().is_none() {
            break;
        }
    }
    let current = lake.find(AsOf::Latest)?;
    for table in layout.tables()? {
        let expected = current.version.tables.get(&table).copied();
        let found = layout.head(&table)?;
        if found != expected {
            let name = |version: Option<u64>| {
                version.map_or_else(|| "none".to_owned(), |version| version.to_string())
            };
            let (expected, found) = (name(expected), name(found));
            return Err(LakeError::ForeignCommit { path: layout.log(&table), table, expected, found });
        }
    }
    Ok(current)
}

/// What a writer left that died before its decision had a name.
fn remove_temporary(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).map_err(LakeError::io("list", folder))? {
        let path = entry.map_err(LakeError::io("list", folder))?.path();
        if path.extension().is_none_or(|ending| ending != "json") {
            durable::remove(&path)?;
        }
    }
    Ok(())
}

impl Writer {
    /// The lake.
    #[must_use]
    pub fn lake(&self) -> &Lake {
        &self.core.lake
    }

    /// The earlier receipt of the same bytes for the same form and year, if they were accepted.
    pub async fn known(&self, form: &str, year: Option<i32>, content_sha256: &str) -> Option<Receipt> {
        let state = self.core.state.lock().await;
        let receipt = state.known.get(&gov::content(form, year, content_sha256))?;
        Some(Receipt { is_repeat: true, ..receipt.clone() })
    }

    /// The other submission for which a signature, an envelope or its nonce was used; such a confirmation
    /// must be refused.
    pub async fn signature_use(&self, confirmation: &Confirmation) -> Option<SignatureUse> {
        self.core.state.lock().await.used.elsewhere(confirmation).cloned()
    }

    /// Turn validated rows (`year`, `region`, the form's fields) into the data files of a new submission.
    ///
    /// The files are in place, synced, but nothing names them until [`Writer::land`]; dropping the
    /// result deletes them. Memory stays near `memory_bytes` however many rows come.
    ///
    /// # Errors
    /// [`LakeError::Rows`] when the stream fails, [`LakeError::RowSchema`] and
    /// [`LakeError::NullPartition`] when the rows are not the form's, [`LakeError::Io`] when the disk is full.
    pub async fn stage<S, E>(&self, form: &Form, rows: S) -> Result<StagedFiles>
    where
        S: Stream<Item = std::result::Result<RecordBatch, E>> + Unpin,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let number = self.core.next_number.fetch_add(1, Ordering::Relaxed);
        stage::stage(self.core.stage_job(Arc::new(TableSpec::of_form(form)), number), rows).await
    }

    /// A folder for the caller's temporary files, on the lake's disk or, for a lake in an object store, on this
    /// machine's; it does not outlive the next writer.
    ///
    /// # Errors
    /// [`LakeError::Io`].
    pub async fn temporary_folder(&self) -> Result<PathBuf> {
        let folder = self.core.lake.layout().staging();
        blocking("make a folder", move || {
            std::fs::create_dir_all(&folder).map_err(LakeError::io("make", &folder))?;
            Ok(folder)
        })
        .await
    }

    /// Keep definitions in the lake; versions made from now on name them.
    ///
    /// `hash` is the caller's name for exactly these files; files of a known hash are not written again.
    ///
    /// # Errors
    /// [`LakeError::Io`].
    pub async fn use_definitions(&self, hash: &str, files: BTreeMap<String, Vec<u8>>) -> Result<()> {
        let (layout, name) = (self.core.lake.layout().clone(), hash.to_owned());
        blocking("keep definitions", move || definitions::keep(&layout, &name, &files)).await?;
        self.core.state.lock().await.definitions = Some(hash.to_owned());
        Ok(())
    }

    /// Enter submissions into ledger and tables, all in one lake version.
    ///
    /// Receipts come in the order of the landings. A later landing of the batch supersedes an
    /// earlier one. When this returns `Ok`, everything is on disk and visible.
    ///
    /// # Errors
    /// Before the decision the batch has no effect. [`LakeError::Unconfirmed`]: it was decided but
    /// could not be finished; the next landing or the next writer finishes it, and the same bytes
    /// submitted again get their receipt.
    pub async fn land(&self, landings: Vec<Landing>) -> Result<Vec<Receipt>> {
        let core = Arc::clone(&self.core);
        whole(async move { core.land(landings).await }).await
    }

    /// Add rows to tables of the ledger (`ledgers()`), all in one lake version; no rows, no version. A table
    /// may come several times.
    ///
    /// # Errors
    /// As [`Writer::land`].
    pub async fn record(&self, rows: Vec<(TableSpec, RecordBatch)>) -> Result<LakeVersion> {
        let core = Arc::clone(&self.core);
        whole(async move { core.record(rows).await }).await
    }

    /// Publish a lake version without landings, when the definitions changed since the newest.
    ///
    /// # Errors
    /// As [`Writer::land`].
    pub async fn publish(&self) -> Result<LakeVersion> {
        let core = Arc::clone(&self.core);
        whole(async move { core.publish().await }).await
    }

    /// Merge small files where a partition has at least `least` of them; changes no row.
    ///
    /// # Errors
    /// As [`Writer::land`].
    pub async fn merge_small_files(&self, least: usize) -> Result<LakeVersion> {
        let core = Arc::clone(&self.core);
        whole(async move { core.merge_small_files(least).await }).await
    }
}

/// Run to the end even if the caller goes away: half a landing must not be cancelled between
/// its decision and the note that its files are to stay.
pub(super) async fn whole<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.map_err(LakeError::task("land"))?
}

impl Core {
    /// The time, by the writer's clock.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.options.now.unwrap_or_else(Utc::now)
    }

    /// What makes the names of data files of one attempt unlike all others, in an object store, where a request
    /// of an earlier attempt, or of another holder, may arrive late.
    pub(super) fn stamp(&self) -> String {
        let Some(lease) = self.lock.lease() else { return String::new() };
        format!("-{:06}-{:06}", lease.epoch(), self.stamps.fetch_add(1, Ordering::Relaxed))
    }

    /// Refuses when somebody else has become the writer.
    pub(super) async fn confirm_lease(&self) -> Result<()> {
        if self.lock.lease().is_none() {
            return Ok(());
        }
        let (layout, lock) = (self.lake.layout().clone(), Arc::clone(&self.lock));
        blocking("look at the lease", move || lock.lease().map_or(Ok(()), |lease| lease.confirm(&layout)))
            .await
    }

    pub(super) fn stage_job(&self, spec: Arc<TableSpec>, number: i64) -> StageJob {
        let layout = self.lake.layout();
        StageJob {
            stamp: self.stamp(),
            folder: layout.table(&spec.name),
            store: layout.store().clone(),
            spill_folder: layout.staging().join(number.to_string()),
            spec,
            number,
            limits: StageLimits {
                memory_bytes: self.options.memory_bytes,
                max_file_rows: self.options.max_file_rows,
                threads: self.options.threads,
                held: Arc::clone(&self.held),
            },
            faults: self.faults.clone(),
            lock: Some(Arc::clone(&self.lock)),
        }
    }
}
