//! Integration tests: one binary, one module per concern.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod cli;
mod equivalence;
mod lake;
mod real;
mod slt;
mod support;
mod support_cli;
mod upstream;
