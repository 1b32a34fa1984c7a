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
        #[cfg(test)]
        if let Some(plan) = local::of(path) {
            return plan.step(operation);
        }
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

/// Plans for one lake of this process: here a kill lets nothing happen any more until the plan is lifted.
#[cfg(test)]
pub(super) mod local {
    use std::io;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};

    static PLANS: Mutex<Vec<Arc<Plan>>> = Mutex::new(Vec::new());

    /// What becomes of the operation of a number.
    #[derive(Debug, Clone, Copy)]
    pub struct Way {
        pub is_after: bool,
        pub is_kill: bool,
    }

    #[derive(Debug)]
    pub struct Plan {
        root: PathBuf,
        number: Option<u64>,
        way: Way,
        done: AtomicU64,
        is_dead: AtomicBool,
    }

    /// Lifts its plan when dropped.
    #[derive(Debug)]
    pub struct Planted(Arc<Plan>);

    /// Disturb one operation of the lake in this folder; `None` only counts.
    pub fn plant(root: &Path, number: Option<u64>, way: Way) -> Planted {
        let plan = Plan {
            root: root.to_path_buf(),
            number,
            way,
            done: AtomicU64::new(0),
            is_dead: AtomicBool::new(false),
        };
        let plan = Arc::new(plan);
        PLANS.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&plan));
        Planted(plan)
    }

    impl Planted {
        /// Operations so far.
        pub fn count(&self) -> u64 {
            self.0.done.load(Ordering::SeqCst)
        }
    }

    impl Drop for Planted {
        fn drop(&mut self) {
            PLANS.lock().unwrap_or_else(PoisonError::into_inner).retain(|plan| !Arc::ptr_eq(plan, &self.0));
        }
    }

    pub(super) fn of(path: &Path) -> Option<Arc<Plan>> {
        let plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
        plans.iter().find(|plan| path.starts_with(&plan.root)).cloned()
    }

    impl Plan {
        pub(super) fn step<T>(&self, operation: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
            let fail = || io::Error::other("injected: the storage says that it failed");
            if self.is_dead.load(Ordering::SeqCst) {
                return Err(fail());
            }
            if Some(self.done.fetch_add(1, Ordering::SeqCst)) != self.number {
                return operation();
            }
            self.is_dead.store(self.way.is_kill && !self.way.is_after, Ordering::SeqCst);
            if self.way.is_after {
                operation()?;
                self.is_dead.store(self.way.is_kill, Ordering::SeqCst);
            }
            Err(fail())
        }
    }
}
