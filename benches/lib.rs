//! What the benches of Bilim share; the questions they answer are in `README.md` beside this file.

use std::time::Duration;

/// The middle of several runs; with an even number of them the later of the two. Zero without any.
#[must_use]
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
