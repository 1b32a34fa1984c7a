//! Statements that run, wait or have just ended: for cancelling, for `meta.query`, for the drain.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use uuid::Uuid;

use super::admission::class;
use super::error::Stop;
use crate::session::QueryMemory;
use crate::session::policy::Caller;

/// Statements remembered after their end.
const REMEMBERED: usize = 1_000;

/// Cancelled statements remembered in case their reading is still to come.
const CANCELLED: usize = 10_000;

/// How far a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Waits for a place.
    Queued,
    /// Is planned.
    Planning,
    /// Answers.
    Running,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Planning => "planning",
            Self::Running => "running",
        }
    }
}

/// One reading of a statement. The parts of one answer are read under one number.
#[derive(Debug)]
pub struct Running {
    /// Number of the statement.
    pub id: Uuid,
    /// Who asked.
    pub caller: Caller,
    /// Its text.
    pub sql: String,
    /// Lake version that it reads.
    pub lake_version: u64,
    /// When it came.
    pub since: DateTime<Utc>,
    clock: Instant,
    phase: Mutex<Phase>,
    rows: AtomicU64,
    bytes: AtomicU64,
    memory: OnceLock<Arc<QueryMemory>>,
    stop: watch::Sender<Option<Stop>>,
}

impl Running {
    /// Say how far it is.
    pub fn enter(&self, phase: Phase) {
        *lock(&self.phase) = phase;
    }

    /// Count what was sent.
    pub fn sent(&self, rows: u64, bytes: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Rows made so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Bytes sent so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Time since it came.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Say where its memory is counted; the first one stands.
    pub fn uses(&self, memory: Arc<QueryMemory>) {
        let _ = self.memory.set(memory);
    }

    /// Most bytes of memory it used.
    #[must_use]
    pub fn peak_memory(&self) -> usize {
        self.memory.get().map_or(0, |memory| memory.peak())
    }

    /// Wait until somebody wants it to end.
    pub async fn stopped(&self) -> Stop {
        let mut stop = self.stop.subscribe();
        loop {
            if let Some(reason) = *stop.borrow_and_update() {
                return reason;
            }
            if stop.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn line(&self, outcome: &str) -> QueryLine {
        QueryLine {
            id: self.id,
            caller: self.caller.clone(),
            sql: self.sql.clone(),
            lake_version: self.lake_version,
            since: self.since,
            elapsed: self.elapsed(),
            rows: self.rows(),
            bytes: self.bytes(),
            peak_memory: self.peak_memory(),
            outcome: outcome.to_owned(),
        }
    }
}

/// A row of `meta.query`.
#[derive(Debug, Clone)]
pub struct QueryLine {
    /// Number of the statement.
    pub id: Uuid,
    /// Who asked.
    pub caller: Caller,
    /// Its text.
    pub sql: String,
    /// Lake version that it read.
    pub lake_version: u64,
    /// When it came.
    pub since: DateTime<Utc>,
    /// How long it took, or has taken.
    pub elapsed: Duration,
    /// Rows sent.
    pub rows: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// Most bytes of memory it used.
    pub peak_memory: usize,
    /// `queued`, `planning`, `running`, or how it ended.
    pub outcome: String,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Registry {
    running: Mutex<BTreeMap<u64, Arc<Running>>>,
    next: AtomicU64,
    ended: Mutex<VecDeque<QueryLine>>,
    cancelled: Mutex<VecDeque<(Uuid, String)>>,
}

/// A place in the registry; left when dropped.
pub struct Entry {
    registry: Arc<Registry>,
    key: u64,
    running: Arc<Running>,
    outcome: String,
}

impl Entry {
    /// The statement.
    #[must_use]
    pub fn running(&self) -> &Arc<Running> {
        &self.running
    }

    /// Say how it ended.
    pub fn ended(&mut self, outcome: &str) {
        outcome.clone_into(&mut self.outcome);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        lock(&self.registry.running).remove(&self.key);
        let mut ended = lock(&self.registry.ended);
        if ended.len() == REMEMBERED {
            ended.pop_front();
        }
        ended.push_back(self.running.line(&self.outcome));
    }
}

impl Registry {
    /// Enter a statement.
    #[must_use]
    pub fn enter(self: &Arc<Self>, id: Uuid, caller: Caller, sql: String, lake_version: u64) -> Entry {
        let (stop, _) = watch::channel(None);
        let running = Arc::new(Running {
            id,
            caller,
            sql,
            lake_version,
            since: Utc::now(),
            clock: Instant::now(),
            phase: Mutex::new(Phase::Queued),
            rows: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            memory: OnceLock::new(),
            stop,
        });
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        lock(&self.running).insert(key, Arc::clone(&running));
        if lock(&self.cancelled).iter().any(|(of, by)| *of == id && by == running.caller.name()) {
            running.stop.send_replace(Some(Stop::Cancelled));
        }
        Entry { registry: Arc::clone(self), key, running, outcome: "failed".to_owned() }
    }

    /// Cancel a statement of a caller; how many readings of it ran. A reading that comes later is refused.
    pub fn cancel(&self, id: Uuid, caller: &Caller) -> usize {
        {
            let mut cancelled = lock(&self.cancelled);
            if cancelled.len() == CANCELLED {
                cancelled.pop_front();
            }
            cancelled.push_back((id, caller.name().to_owned()));
        }
        let running = lock(&self.running);
        let own = running.values().filter(|running| running.id == id && running.caller == *caller);
        own.fold(0, |count, running| {
            running.stop.send_replace(Some(Stop::Cancelled));
            count + 1
        })
    }

    /// Whether the statement of a key that [`Registry::stop_one`] gave still runs.
    #[must_use]
    pub fn is_running(&self, key: u64) -> bool {
        lock(&self.running).contains_key(&key)
    }

    /// Stop one statement, for want of memory: of the class of callers that goes last, the latest that is not being
    /// stopped yet. Its key; `None` where there is none.
    pub fn stop_one(&self) -> Option<u64> {
        let running = lock(&self.running);
        let candidates = running.iter().filter(|(_, running)| running.stop.borrow().is_none());
        let (key, last) = candidates.max_by_key(|(key, running)| (class(running.caller.role()), **key))?;
        last.stop.send_replace(Some(Stop::Memory));
        Some(*key)
    }

    /// Stop everything.
    pub fn stop_all(&self) {
        for running in lock(&self.running).values() {
            running.stop.send_replace(Some(Stop::Drain));
        }
    }

    /// Statements that run or wait.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.running).len()
    }

    /// Memory that running statements use, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let running = lock(&self.running);
        running.values().filter_map(|running| running.memory.get()).map(|memory| memory.used()).sum()
    }

    /// What runs, then what ended, latest first.
    #[must_use]
    pub fn lines(&self) -> Vec<QueryLine> {
        let mut lines: Vec<QueryLine> = lock(&self.running)
            .values()
            .rev()
            .map(|running| running.line(lock(&running.phase).as_str()))
            .collect();
        lines.extend(lock(&self.ended).iter().rev().cloned());
        lines
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use crate::session::policy::Role;

    fn caller(name: &str) -> Caller {
        Caller::new(name, Role::Ministry, None).unwrap()
    }

    #[tokio::test]
    async fn the_latest_of_the_last_class_is_stopped_first() {
        let registry = Arc::new(Registry::default());
        let enter = |role| {
            let caller = Caller::new("a", role, None).unwrap();
            registry.enter(Uuid::now_v7(), caller, "select 1".to_owned(), 3)
        };
        let ministry = enter(Role::Ministry);
        let first = enter(Role::Researcher);
        let second = enter(Role::Researcher);
        let last = enter(Role::Ministry);
        for entry in [&second, &first, &last, &ministry] {
            let key = registry.stop_one().unwrap();
            assert_eq!(entry.running().stopped().await, Stop::Memory);
            assert!(registry.is_running(key), "until it has ended");
        }
        assert_eq!(registry.stop_one(), None);
        drop(second);
        assert_eq!(registry.count(), 3);
    }

    #[tokio::test]
    async fn only_its_own_caller_cancels_a_statement() {
        let registry = Arc::new(Registry::default());
        let id = Uuid::now_v7();
        let mut entry = registry.enter(id, caller("a"), "select 1".to_owned(), 3);
        assert_eq!(registry.cancel(id, &caller("b")), 0);
        assert!(futures::poll!(Box::pin(entry.running().stopped())).is_pending());
        assert_eq!(registry.cancel(id, &caller("a")), 1);
        assert_eq!(entry.running().stopped().await, Stop::Cancelled);
        entry.ended("cancelled");
        drop(entry);
        assert_eq!(registry.count(), 0);
        assert_eq!(registry.lines()[0].outcome, "cancelled");
        let later = registry.enter(id, caller("a"), "select 1".to_owned(), 3);
        assert_eq!(later.running().stopped().await, Stop::Cancelled, "its ticket is of no more use");
    }
}
