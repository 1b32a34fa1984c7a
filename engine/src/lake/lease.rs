//! The lease that makes a process the one writer of a lake in an object store.
//!
//! # What it is
//! `lease/<epoch>.json`, created only when its name is free: who creates it is the writer of that epoch. The
//! holder writes it anew, with a higher `beat`, three times in its length, and marks it as released in the end.
//! The newest epoch is the lease in force.
//!
//! # Who may follow
//! At once, who finds it released. Else who has watched it stay the same, byte for byte, for its whole length
//! and a third of it more **by a clock of its own that only counts** ([`Instant`]). What time it is on either
//! machine decides nothing: a clock ten days off neither ends a lease nor keeps one.
//!
//! # What it does not guard
//! A holder that was stopped for a while may believe that it still holds the lease. So nothing rests on it:
//! a landing is decided by creating `pending/<n>.json`, whose name can be taken once, and who follows an
//! unreleased lease takes the next name, with the epoch in a commit to every table, before it does anything
//! else (`Writer`). The lease only spares the others the work of landings that would be refused.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::error::{LakeError, Result};
use super::inject;
use super::lake::blocking;
use super::layout::{Layout, numbered};
use super::store::{self, Created, Remote, Store};

/// However long a lease says that it is, nobody watches it longer than this.
const MAX_LENGTH: Duration = Duration::from_mins(10);
/// Leases before the one in force that stay as a trace.
const KEPT: u64 = 8;

/// How a lease is taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// How long it holds without renewal.
    pub(super) length: Duration,
    /// How long to wait for a holder that is alive.
    pub(super) wait: Duration,
    /// The time that is written into it, for people.
    pub(super) now: Option<DateTime<Utc>>,
}

/// Contents of `lease/<epoch>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    epoch: u64,
    /// Identity of the holder.
    holder: String,
    /// Process and machine, for people.
    note: String,
    length_ms: u64,
    /// Rises with every renewal.
    beat: u64,
    is_released: bool,
    /// By the holder's clock, for people; nothing is decided by it.
    renewed_at: String,
}

/// What a lease says or, where that is no lease, its bytes.
type Content = std::result::Result<Record, Vec<u8>>;

/// The lease of a writer; released when it is dropped, unless something is undecided.
#[derive(Debug)]
pub(super) struct Lease {
    held: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    remote: Arc<Remote>,
    path: PathBuf,
    /// The lease that somebody else would create after this one.
    next: PathBuf,
    record: Record,
    terms: Terms,
    beat: AtomicU64,
    /// When the last renewal that succeeded was begun.
    renewed: Mutex<Instant>,
    is_lost: AtomicBool,
    /// A request is out of which it is not known whether it will be carried out.
    is_undecided: AtomicBool,
    /// Whoever held the lease before, and did not release it, may still decide something.
    is_unfenced: AtomicBool,
    /// One write of the lease at a time, none after the last.
    writing: tokio::sync::Mutex<bool>,
    stop: Notify,
    #[cfg(test)]
    is_frozen: AtomicBool,
}

/// Take the lease, waiting for at most `terms.wait` for a holder that is alive.
pub(super) async fn acquire(layout: &Layout, remote: &Arc<Remote>, terms: Terms) -> Result<Lease> {
    let begun = Instant::now();
    let terms = Terms { length: terms.length.min(MAX_LENGTH), ..terms };
    let mut watched: Option<Watched> = None;
    loop {
        let here = layout.clone();
        let found = blocking("read the lease", move || newest(&here)).await?;
        let (epoch, is_takeover) = match &found {
            None => (Some(0), false),
            Some((epoch, Ok(record))) if record.is_released => (Some(*epoch), false),
            Some((epoch, content)) => {
                let seen = match watched.take() {
                    Some(before) => before.look(*epoch, content),
                    None => Watched::new(*epoch, content),
                };
                let is_over = seen.since.elapsed() > seen.patience(terms.length);
                let is_alive = seen.is_alive;
                watched = Some(seen);
                if is_alive && !is_over && begun.elapsed() >= terms.wait {
                    let holder = content.as_ref().map_or_else(
                        |_| "another process".to_owned(),
                        |record| format!("{} since {}", record.note, record.renewed_at),
                    );
                    return Err(LakeError::Locked { path: layout.root().to_path_buf(), holder });
                }
                (is_over.then_some(*epoch), true)
            }
        };
        if let Some(epoch) = epoch {
            let (here, remote) = (layout.clone(), Arc::clone(remote));
            let taken = move || take(&here, &remote, epoch + 1, terms, is_takeover);
            if let Some(lease) = blocking("take the lease", taken).await? {
                Held::keep_up(&lease.held)?;
                return Ok(lease);
            }
            watched = None;
            continue;
        }
        tokio::time::sleep((terms.length / 20).clamp(Duration::from_millis(5), Duration::from_millis(500)))
            .await;
    }
}

/// The lease of somebody else, under observation.
struct Watched {
    epoch: u64,
    content: Content,
    since: Instant,
    /// It changed while it was watched.
    is_alive: bool,
}

impl Watched {
    fn new(epoch: u64, content: &Content) -> Self {
        Self { epoch, content: content.clone(), since: Instant::now(), is_alive: false }
    }

    fn look(self, epoch: u64, content: &Content) -> Self {
        if self.epoch == epoch && self.content == *content {
            return self;
        }
        Self { is_alive: true, ..Self::new(epoch, content) }
    }

    /// The length that its holder gave it, or ours where that is longer or it cannot be read; and a third more.
    fn patience(&self, own: Duration) -> Duration {
        let given = self.content.as_ref().map_or(own, |record| Duration::from_millis(record.length_ms));
        let length = given.max(own).min(MAX_LENGTH);
        length + length / 3
    }
}

/// The newest lease: its epoch, and what it says or, where that is no lease, its bytes.
fn newest(layout: &Layout) -> Result<Option<(u64, Content)>> {
    let Some(epoch) = newest_epoch(layout)? else { return Ok(None) };
    let bytes = layout.store().read(&layout.lease(epoch))?;
    Ok(Some((epoch, serde_json::from_slice(&bytes).map_err(|_| bytes))))
}

fn newest_epoch(layout: &Layout) -> Result<Option<u64>> {
    numbered(layout.store(), &layout.leases(), |name| name.strip_suffix(".json"))
}

/// Create the lease of an epoch; `None` = somebody else has.
fn take(
    layout: &Layout,
    remote: &Arc<Remote>,
    epoch: u64,
    terms: Terms,
    is_takeover: bool,
) -> Result<Option<Lease>> {
    let host = std::env::var("HOSTNAME").ok().or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    let host = host.unwrap_or_default();
    let record = Record {
        epoch,
        holder: uuid::Uuid::now_v7().to_string(),
        note: format!("process {} on {}", std::process::id(), host.trim()),
        length_ms: u64::try_from(terms.length.as_millis()).unwrap_or(u64::MAX),
        beat: 0,
        is_released: false,
        renewed_at: terms.time(),
    };
    let (path, begun) = (layout.lease(epoch), Instant::now());
    if layout.store().create_once(&path, &record.to_bytes())? == Created::Different {
        return Ok(None);
    }
    remote.refuses_existing(&path)?;
    // Old names are free again: whoever was slow must not believe to have won with one of them.
    if newest_epoch(layout)? != Some(epoch) {
        return Ok(None);
    }
    for old in layout.store().names(&layout.leases())? {
        let number = old.name.strip_suffix(".json").and_then(|stem| stem.parse::<u64>().ok());
        if number.is_some_and(|number| number + KEPT < epoch) {
            // What stays is only a trace.
            let _ = layout.store().remove(&layout.leases().join(&old.name));
        }
    }
    let held = Held {
        remote: Arc::clone(remote),
        path,
        next: layout.lease(epoch + 1),
        record,
        terms,
        beat: AtomicU64::new(0),
        renewed: Mutex::new(begun),
        is_lost: AtomicBool::new(false),
        is_undecided: AtomicBool::new(false),
        is_unfenced: AtomicBool::new(is_takeover),
        writing: tokio::sync::Mutex::new(true),
        stop: Notify::new(),
        #[cfg(test)]
        is_frozen: AtomicBool::new(false),
    };
    Ok(Some(Lease { held: Arc::new(held) }))
}

impl Terms {
    fn time(&self) -> String {
        self.now.unwrap_or_else(Utc::now).to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

impl Record {
    fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts, numbers and booleans serialise")
    }
}

impl Lease {
    pub(super) fn epoch(&self) -> u64 {
        self.held.record.epoch
    }

    /// Refuses when somebody else has become the writer.
    pub(super) fn confirm(&self, layout: &Layout) -> Result<()> {
        let held = &self.held;
        let is_old = held.since_renewal() > held.terms.length;
        if is_old && layout.store().exists(&held.next)? {
            held.is_lost.store(true, Ordering::SeqCst);
        }
        if held.is_lost.load(Ordering::SeqCst) {
            Err(LakeError::LeaseLost { epoch: self.epoch() })
        } else {
            Ok(())
        }
    }

    /// Note whether a request is out that may yet be carried out; such a lease is not released.
    pub(super) fn set_undecided(&self, is_undecided: bool) {
        self.held.is_undecided.store(is_undecided, Ordering::SeqCst);
    }

    /// Whether whoever held the lease before may still decide something.
    pub(super) fn is_unfenced(&self) -> bool {
        self.held.is_unfenced.load(Ordering::SeqCst)
    }

    /// Nobody before can decide anything any more.
    pub(super) fn set_fenced(&self) {
        self.held.is_unfenced.store(false, Ordering::SeqCst);
    }

    /// As a stopped process: no renewal, no release.
    #[cfg(test)]
    pub(super) fn freeze(&self) {
        self.held.is_frozen.store(true, Ordering::SeqCst);
    }
}

impl Held {
    fn since_renewal(&self) -> Duration {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Whether this process still does anything.
    fn is_running(&self) -> bool {
        #[cfg(test)]
        if self.is_frozen.load(Ordering::SeqCst) {
            return false;
        }
        inject::is_alive(&self.path)
    }

    /// Renew in the background until the lease is dropped or lost.
    fn keep_up(held: &Arc<Self>) -> Result<()> {
        let (weak, every) = (Arc::downgrade(held), held.terms.length / 3);
        let renewal = async move {
            loop {
                let Some(held) = weak.upgrade() else { return };
                let stopped = tokio::select! {
                    () = held.stop.notified() => true,
                    () = tokio::time::sleep(every) => false,
                };
                if stopped || !held.is_running() || held.renew(false).await.is_err_and(|is_lost| is_lost) {
                    return;
                }
            }
        };
        store::spawn(renewal).map_err(LakeError::io("renew", &held.path))
    }

    /// Write the lease anew; an error says whether it is lost for good.
    async fn renew(&self, is_released: bool) -> std::result::Result<(), bool> {
        let mut is_writing = self.writing.lock().await;
        if !*is_writing {
            return Err(true);
        }
        *is_writing = !is_released;
        let begun = Instant::now();
        let record = Record {
            beat: self.beat.fetch_add(1, Ordering::SeqCst) + 1,
            is_released,
            renewed_at: self.terms.time(),
            ..self.record.clone()
        };
        self.remote.overwrite(&self.path, record.to_bytes()).await.map_err(|_| false)?;
        if self.remote.is_there(&self.next).await.map_err(|_| false)? {
            self.is_lost.store(true, Ordering::SeqCst);
            return Err(true);
        }
        *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = begun;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let held = &self.held;
        held.stop.notify_one();
        let open = [&held.is_lost, &held.is_undecided, &held.is_unfenced];
        if open.iter().all(|flag| !flag.load(Ordering::SeqCst)) && held.is_running() {
            let held = Arc::clone(held);
            // Unreleased, the next writer has to wait until it has watched the lease for its length.
            let _ = Store::wait(async move {
                let _ = held.renew(true).await;
            });
        }
    }
}
