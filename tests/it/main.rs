//! Integration tests: one binary, one module per concern.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    reason = "counts are exact in a double, and compared as such"
)]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod access;
mod analysis;
mod anomaly;
mod canned;
mod cli;
mod demo;
mod disclosure;
mod equivalence;
mod flight;
mod freeze;
mod guards;
mod lake;
mod real;
mod rollup;
mod rules;
mod signature;
mod slt;
mod support;
mod support_cli;
mod survey;
mod upstream;
mod vintage;
