//! Bilim: the analytical warehouse and query engine of national educational monitoring.
//!
//! Submissions are validated (`intake`), landed as Parquet partitions per year and
//! region (`lake`), and answered as indicators, dynamics and rankings through SQL
//! (`session`, `query`), here or over the network (`server`). `engine/ARCHITECTURE.md` maps the code and states the
//! invariants; the rules of the domain live in the leaf crate `bilim-domain`.

pub mod cli;
pub mod config;
pub mod definitions;
pub mod error;
pub mod intake;
pub mod lake;
mod operator;
pub mod query;
pub mod rollup;
pub mod server;
pub mod session;
pub mod submission;
