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
    let turn = Turn::begin(what, path)?;
    let done = operation()?;
    turn.end()?;
    Ok(done)
}

/// As [`step`], for an operation of an object store.
pub(super) async fn step_async<T, E: From<io::Error>>(
    what: &str,
    path: &Path,
    operation: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let turn = Turn::begin(what, path)?;
    let done = operation.await?;
    turn.end()?;
    Ok(done)
}

/// False when a test has killed the process that works on the lake of this path: nothing of it goes on then.
pub(super) fn is_alive(path: &Path) -> bool {
    #[cfg(test)]
    if let Some(plan) = local::of(path) {
        return !plan.is_dead();
    }
    let _ = path;
    true
}

/// What becomes of one operation.
struct Turn {
    #[cfg(debug_assertions)]
    fate: Fate,
}

#[cfg(debug_assertions)]
enum Fate {
    /// It runs.
    Run,
    /// It runs, and then says that it failed.
    Betray,
    /// As [`Fate::Betray`]; and afterwards the process is dead.
    #[cfg(test)]
    Last(std::sync::Arc<local::Plan>),
    /// It runs, and then the process ends.
    Kill,
}

impl Turn {
    #[cfg(debug_assertions)]
    fn begin(what: &str, path: &Path) -> io::Result<Self> {
        #[cfg(test)]
        if let Some(plan) = local::of(path) {
            return Ok(Self { fate: plan.begin()? });
        }
        Ok(Self { fate: planned::begin(what, path)? })
    }

    #[cfg(debug_assertions)]
    fn end(self) -> io::Result<()> {
        match self.fate {
            Fate::Run => return Ok(()),
            Fate::Betray => {}
            #[cfg(test)]
            Fate::Last(plan) => plan.die(),
            // As the system would end it: nothing is unwound, no destructor tidies up.
            Fate::Kill => std::process::abort(),
        }
        Err(failure())
    }

    #[cfg(not(debug_assertions))]
    #[allow(clippy::unnecessary_wraps, reason = "in a build with debug assertions it may fail")]
    fn begin(what: &str, path: &Path) -> io::Result<Self> {
        let _ = (what, path);
        Ok(Self {})
    }

    #[cfg(not(debug_assertions))]
    #[allow(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "in a build with debug assertions it may fail"
    )]
    fn end(self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(debug_assertions)]
fn failure() -> io::Error {
    io::Error::other("injected: the storage says that it failed")
}

#[cfg(debug_assertions)]
mod planned {
    use std::fs::OpenOptions;
    use std::io::{self, Write};
    use std::path::{Path, PathBuf};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{Fate, failure};

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

    pub(super) fn begin(what: &str, path: &Path) -> io::Result<Fate> {
        static DONE: AtomicU64 = AtomicU64::new(0);
        match plan() {
            Plan::Nothing => Ok(Fate::Run),
            Plan::Count(list) => {
                let mut list = OpenOptions::new().create(true).append(true).open(list)?;
                writeln!(list, "{what} {}", path.display())?;
                Ok(Fate::Run)
            }
            Plan::Fail { number, .. } if DONE.fetch_add(1, Ordering::SeqCst) != *number => Ok(Fate::Run),
            Plan::Fail { is_after: true, is_kill: true, .. } => Ok(Fate::Kill),
            Plan::Fail { is_after: true, .. } => Ok(Fate::Betray),
            Plan::Fail { is_kill: true, .. } => std::process::abort(),
            Plan::Fail { .. } => Err(failure()),
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

    use super::{Fate, failure};

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
        /// The next operation's fate.
        pub(super) fn begin(self: Arc<Self>) -> io::Result<Fate> {
            if self.is_dead() {
                return Err(failure());
            }
            if Some(self.done.fetch_add(1, Ordering::SeqCst)) != self.number {
                return Ok(Fate::Run);
            }
            match self.way {
                Way { is_after: true, is_kill: true } => Ok(Fate::Last(self)),
                Way { is_after: true, .. } => Ok(Fate::Betray),
                Way { is_kill, .. } => {
                    self.is_dead.store(is_kill, Ordering::SeqCst);
                    Err(failure())
                }
            }
        }

        pub(super) fn die(&self) {
            self.is_dead.store(true, Ordering::SeqCst);
        }

        pub(super) fn is_dead(&self) -> bool {
            self.is_dead.load(Ordering::SeqCst)
        }
    }
}
