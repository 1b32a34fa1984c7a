//! Failures at any storage operation, for tests of the program as a whole.
//!
//! Every operation that changes the lake's files passes [`step`]. In a build with debug assertions the
//! variable `BILIM_INJECT` makes one of them fail or the process end there:
//! `NUMBER:before:error`, `NUMBER:after:error` (it took effect and says it did not), `NUMBER:before:kill`,
//! `NUMBER:after:kill`; `count:FILE` adds a line per operation to a file. In other builds there is nothing of this.

use std::io;
use std::path::Path;

/// Run one storage operation.
pub(super) fn step<T>(what: &str, path: &Path, operation: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    #[cfg(debug_assertions)]
    {
        planned::step(what, path, operation)
    }
    #[cfg(not(debug_assertions))]
    {
        let _ = (what, path);
        operation()
    }
}

#[cfg(debug_assertions)]
mod planned {
    use std::fs::OpenOptions;
    use std::io::{self, Write};
    use std::path::{Path, PathBuf};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    enum Plan {
        Nothing,
        Count(PathBuf),
        Fail { number: u64, is_after: bool, is_kill: bool },
    }

    fn plan() -> &'static Plan {
        static PLAN: OnceLock<Plan> = OnceLock::new();
        PLAN.get_or_init(|| {
            let text = std::env::var("BILIM_INJECT").unwrap_or_default();
            if let Some(path) = text.strip_prefix("count:") {
                return Plan::Count(path.into());
            }
            let parts: Vec<&str> = text.split(':').collect();
            match parts.as_slice() {
                [number, when, how] => number.parse().map_or(Plan::Nothing, |number| Plan::Fail {
                    number,
                    is_after: *when == "after",
                    is_kill: *how == "kill",
                }),
                _ => Plan::Nothing,
            }
        })
    }

    pub(super) fn step<T>(
        what: &str,
        path: &Path,
        operation: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        static DONE: AtomicU64 = AtomicU64::new(0);
        match plan() {
            Plan::Nothing => operation(),
            Plan::Count(list) => {
                let mut list = OpenOptions::new().create(true).append(true).open(list)?;
                writeln!(list, "{what} {}", path.display())?;
                operation()
            }
            Plan::Fail { number, is_after, is_kill } => {
                if DONE.fetch_add(1, Ordering::SeqCst) != *number {
                    return operation();
                }
                let fail = || -> io::Error {
                    if *is_kill {
                        // As the system would end it: nothing is unwound, no destructor tidies up.
                        std::process::abort();
                    }
                    io::Error::other("injected: the storage says that it failed")
                };
                if *is_after {
                    operation()?;
                }
                Err(fail())
            }
        }
    }
}
