//! Keeps the process within its memory.
//!
//! Operators reserve what they hold, and fail at the limit of their statement; what they make on the way (a product
//! of two batches, a text of many) they do not. So the memory that the process really has is looked at all the
//! time, and where it comes near the limit one statement is stopped: of the class of callers that goes last, the
//! latest. Once that has ended, the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::engine::Engine;

/// How often memory is looked at: a statement fills some hundred megabytes in that time.
const EVERY: Duration = Duration::from_millis(20);

/// How long a stopped statement may take to give its memory back before the next is stopped.
const GRACE: Duration = Duration::from_millis(500);

/// Stop statements from this part of the memory for queries on, in percent: they take a moment to end.
const FROM_PERCENT: usize = 80;

/// What statements must have added to the memory of the server at rest before one is stopped, in percent of the same:
/// where caches alone fill a small memory, statements are not to blame. Together with the other part this stays
/// within the limit and a fifth.
const ADDED_PERCENT: usize = 40;

/// Look for as long as the server runs. Where the system does not tell how much memory there is in use, nothing is
/// stopped.
pub fn watch(engine: &Arc<Engine>) {
    let engine = Arc::downgrade(engine);
    let watching = move || {
        let mut stopped: Option<(u64, Instant)> = None;
        let mut at_rest = 0;
        loop {
            std::thread::sleep(EVERY);
            let Some(engine) = engine.upgrade() else { return };
            let Some(resident) = resident() else { return };
            if engine.registry.count() == 0 {
                at_rest = resident;
            }
            if !is_short(resident, at_rest, engine.config.query_memory_bytes) {
                continue;
            }
            let is_ending = stopped
                .is_some_and(|(key, since)| engine.registry.is_running(key) && since.elapsed() < GRACE);
            if is_ending {
                continue;
            }
            if let Some(key) = engine.registry.stop_one() {
                tracing::warn!(resident, "a statement is stopped: memory is short");
                stopped = Some((key, Instant::now()));
            }
        }
    };
    // On a thread of its own: those of queries may all be at work.
    let started = std::thread::Builder::new().name("memory".to_owned()).spawn(watching);
    if let Err(error) = started {
        tracing::warn!(error = %error, "memory is not watched");
    }
}

/// Whether memory is short, of so many bytes for queries, and statements are what fills it.
fn is_short(resident: usize, at_rest: usize, limit: usize) -> bool {
    let part = |percent| limit / 100 * percent;
    resident >= part(FROM_PERCENT) && resident.saturating_sub(at_rest) >= part(ADDED_PERCENT)
}

/// Memory of the process, in bytes.
fn resident() -> Option<usize> {
    of_status(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn of_status(status: &str) -> Option<usize> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn statements_are_stopped_for_what_they_add() {
        assert!(!is_short(799, 100, 1_000));
        assert!(is_short(800, 100, 1_000));
        assert!(!is_short(2_000, 1_700, 1_000), "a server whose caches fill a small memory still answers");
        assert!(is_short(1_200, 800, 1_000), "what stays of earlier statements is no licence");
    }

    #[test]
    fn memory_is_read_as_the_system_writes_it() {
        assert_eq!(of_status("Name:\tbilim\nVmHWM:\t  9 kB\nVmRSS:\t   2048 kB\n"), Some(2 << 20));
        assert_eq!(of_status("Name:\tbilim\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory() {
        assert!(resident().unwrap() > 1 << 20);
    }
}
