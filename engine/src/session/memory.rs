//! Memory of one query out of that of the process.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};
use datafusion::execution::runtime_env::RuntimeEnv;

/// A share of the memory of the process, with a limit of its own.
///
/// What sorts, groups or joins and would exceed it spills to disk where it can, and fails where it cannot.
#[derive(Debug)]
pub struct QueryMemory {
    whole: Arc<dyn MemoryPool>,
    limit: usize,
    used: AtomicUsize,
    peak: AtomicUsize,
}

impl QueryMemory {
    /// Bytes in use.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Most bytes that were in use.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: usize) {
        let used = self.used.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.peak.fetch_max(used, Ordering::Relaxed);
    }
}

/// The environment of one query: files, caches and spill folder are those of the process, the memory is a
/// share of `limit` bytes of it.
#[must_use]
pub fn of_query(runtime: &RuntimeEnv, limit: usize) -> (Arc<RuntimeEnv>, Arc<QueryMemory>) {
    let memory = Arc::new(QueryMemory {
        whole: Arc::clone(&runtime.memory_pool),
        limit,
        used: AtomicUsize::new(0),
        peak: AtomicUsize::new(0),
    });
    // Built from its parts: a builder would make new caches.
    let own = RuntimeEnv { memory_pool: Arc::clone(&memory) as Arc<dyn MemoryPool>, ..runtime.clone() };
    (Arc::new(own), memory)
}

impl fmt::Display for QueryMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "query({} of {} bytes)", self.used(), self.limit)
    }
}

impl MemoryPool for QueryMemory {
    fn name(&self) -> &'static str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.whole.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.whole.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.whole.grow(reservation, additional);
        self.add(additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.whole.shrink(reservation, shrink);
        self.used.fetch_sub(shrink, Ordering::Relaxed);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        if self.used().saturating_add(additional) > self.limit {
            return Err(DataFusionError::ResourcesExhausted(format!(
                "a query may use {} bytes of memory",
                self.limit
            )));
        }
        self.whole.try_grow(reservation, additional)?;
        self.add(additional);
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.used()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit)
    }
}
