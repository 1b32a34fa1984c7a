//! Rows kept in memory by key, the least recently used first to go.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::arrow::array::RecordBatch;

/// Rows by the key of what they were computed from, bounded in bytes.
#[derive(Debug, Default)]
pub struct Memory {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    rows: HashMap<String, Entry>,
    /// Key by when it was last used.
    order: BTreeMap<u64, String>,
    clock: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    rows: Arc<Vec<RecordBatch>>,
    bytes: usize,
    used: u64,
}

impl Memory {
    /// The rows of a key, if they are there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Arc<Vec<RecordBatch>>> {
        let mut kept = self.kept();
        let kept = &mut *kept;
        let entry = kept.rows.get_mut(key)?;
        kept.clock += 1;
        kept.order.remove(&entry.used);
        entry.used = kept.clock;
        kept.order.insert(kept.clock, key.to_owned());
        Some(Arc::clone(&entry.rows))
    }

    /// Keep rows, and of all rows no more than `limit` bytes; what is larger alone is not kept.
    pub fn keep(&self, key: &str, rows: Arc<Vec<RecordBatch>>, limit: usize) {
        let bytes = size(key, &rows);
        if bytes > limit {
            return;
        }
        let mut kept = self.kept();
        let kept = &mut *kept;
        kept.remove(key);
        while kept.bytes + bytes > limit {
            let Some((_, oldest)) = kept.order.pop_first() else { break };
            if let Some(entry) = kept.rows.remove(&oldest) {
                kept.bytes -= entry.bytes;
            }
        }
        kept.clock += 1;
        kept.bytes += bytes;
        kept.order.insert(kept.clock, key.to_owned());
        kept.rows.insert(key.to_owned(), Entry { rows, bytes, used: kept.clock });
    }

    /// Bytes of what is kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.kept().bytes
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept().rows.len()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forget everything.
    pub fn clear(&self) {
        *self.kept() = Kept::default();
    }

    /// Every change leaves the maps in step, so a panic elsewhere leaves them usable.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn remove(&mut self, key: &str) {
        if let Some(entry) = self.rows.remove(key) {
            self.order.remove(&entry.used);
            self.bytes -= entry.bytes;
        }
    }
}

/// Bytes that an entry holds on to, its bookkeeping included.
fn size(key: &str, rows: &[RecordBatch]) -> usize {
    const BOOKKEEPING: usize = 256;
    let of_rows: usize = rows.iter().map(RecordBatch::get_array_memory_size).sum();
    of_rows + 2 * key.len() + BOOKKEEPING
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use datafusion::arrow::array::{ArrayRef, Int64Array};

    use super::*;

    fn rows(count: i64) -> Arc<Vec<RecordBatch>> {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..count));
        Arc::new(vec![RecordBatch::try_from_iter([("number", column)]).unwrap()])
    }

    #[test]
    fn the_least_recently_used_rows_go_first() {
        let memory = Memory::default();
        let one = size("a", &rows(100));
        let limit = 2 * one + one / 2;
        memory.keep("a", rows(100), limit);
        memory.keep("b", rows(100), limit);
        assert!(memory.get("a").is_some());
        memory.keep("c", rows(100), limit);
        assert_eq!((memory.len(), memory.bytes()), (2, 2 * one));
        assert!(memory.get("a").is_some() && memory.get("c").is_some());
        assert!(memory.get("b").is_none(), "b was used before a");
    }

    #[test]
    fn what_does_not_fit_is_not_kept_and_evicts_nothing() {
        let memory = Memory::default();
        let limit = size("a", &rows(100));
        memory.keep("a", rows(100), limit);
        memory.keep("b", rows(10_000), limit);
        assert!(memory.get("a").is_some() && memory.get("b").is_none());
    }

    #[test]
    fn rows_kept_again_are_counted_once() {
        let memory = Memory::default();
        let limit = 10 * size("a", &rows(100));
        memory.keep("a", rows(100), limit);
        memory.keep("a", rows(50), limit);
        assert_eq!((memory.len(), memory.bytes()), (1, size("a", &rows(50))));
        memory.clear();
        assert!(memory.is_empty() && memory.bytes() == 0);
    }
}
