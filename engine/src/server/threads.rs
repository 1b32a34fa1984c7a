//! Threads with large stacks, on which statements are planned and run: as many for each class of callers as the
//! machine has, of which the operating system lets those of the ministry go first.
//!
//! A statement's operators yield now and then, but not always soon. Where threads outnumber the processors, who
//! goes first is what keeps one class of callers from slowing the others down; where they do not, all run at once.

use thread_priority::{ThreadPriority, set_current_thread_priority};
use tokio::runtime::{Builder, Handle, Runtime};

use super::admission::{CLASSES, class};
use super::error::ServerError;
use crate::session::policy::Role;

/// Stack of a thread.
const STACK_BYTES: usize = 64 << 20;

/// Priority of the threads of each class, from 0 to 99: a niceness of 1, 9 and 15. The ministry's have that of everything
/// else.
const PRIORITIES: [Option<u8>; CLASSES] = [None, Some(45), Some(25), Some(12)];

/// The threads, let go without waiting: a statement that does not end must not hold up the end.
pub struct Threads(Vec<Runtime>);

impl Threads {
    /// Start `count` of them for each class.
    ///
    /// # Errors
    /// [`ServerError::Threads`].
    pub fn start(count: usize) -> Result<Self, ServerError> {
        let runtime = |priority: Option<u8>| {
            Builder::new_multi_thread()
                .worker_threads(count.max(1))
                .thread_name("query")
                .thread_stack_size(STACK_BYTES)
                .on_thread_start(move || {
                    if let Some(priority) = priority {
                        lower(priority);
                    }
                })
                .enable_all()
                .build()
                .map_err(ServerError::Threads)
        };
        PRIORITIES.into_iter().map(runtime).collect::<Result<_, _>>().map(Self)
    }

    /// Where to run what a caller asks.
    #[must_use]
    pub fn queries(&self) -> Queries {
        Queries(self.0.iter().map(|runtime| runtime.handle().clone()).collect())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        for runtime in self.0.drain(..) {
            runtime.shutdown_background();
        }
    }
}

/// Handles of the threads.
#[derive(Debug, Clone)]
pub struct Queries(Vec<Handle>);

impl Queries {
    /// The threads for callers of a role.
    #[must_use]
    pub fn of(&self, role: Role) -> &Handle {
        &self.0[class(role)]
    }
}

/// Give the current thread a lower priority. Without it the thread works all the same.
fn lower(priority: u8) {
    if let Ok(value) = priority.try_into()
        && let Err(error) = set_current_thread_priority(ThreadPriority::Crossplatform(value))
    {
        tracing::warn!(?error, "threads of queries have the priority of all others");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    /// Niceness of the thread that asks, from what the system tells of it.
    #[cfg(target_os = "linux")]
    fn niceness() -> i64 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        // The fields behind the name, which is in brackets and may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[16].parse().unwrap()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_ministry_goes_first() {
        let own = niceness();
        let threads = Threads::start(1).unwrap();
        let queries = threads.queries();
        let of = |role| {
            let (sender, receiver) = std::sync::mpsc::channel();
            queries.of(role).spawn(async move { sender.send(niceness()).unwrap() });
            receiver.recv().unwrap()
        };
        let all = [Role::Ministry, Role::Region, Role::Researcher, Role::Public].map(of);
        assert_eq!(all[0], own, "as everything else of the process");
        assert!(all.is_sorted_by(|one, next| one < next), "{all:?}");
        assert_eq!(of(Role::Organisation), all[1]);
    }
}
