//! What the benches of Bilim share; the questions they answer are in `README.md` beside this file.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// Stack of the threads that plan, as the program has it.
const STACK_BYTES: usize = 64 << 20;

/// A runtime whose threads can plan what the program's can.
///
/// # Panics
/// When the system gives no threads: a bench that cannot go on has failed.
#[must_use]
pub fn runtime() -> Runtime {
    let built = Builder::new_multi_thread().thread_stack_size(STACK_BYTES).enable_all().build();
    built.expect("a bench needs its threads")
}

/// The middle of several runs; with an even number of them the later of the two. Zero without any.
#[must_use]
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
