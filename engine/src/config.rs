//! Limits and paths of one process.
//!
//! Every loop over outside data is bounded by a field here; a breach is an error that
//! names the field. Reading `bilim.toml` is left to `cli`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

/// Limits of intake, landing and queries.
#[derive(Debug, Clone)]
pub struct Config {
    /// Largest CSV, NDJSON or Parquet submission, in bytes.
    pub max_file_bytes: u64,
    /// Largest workbook (XLSX, XLS) as submitted, in bytes.
    pub max_workbook_bytes: u64,
    /// Largest inflated size of any compressed container, in bytes.
    pub max_inflated_bytes: u64,
    /// Most data rows in one submission.
    pub max_rows: u64,
    /// Longest cell, in bytes.
    pub max_cell_bytes: usize,
    /// Most columns in one submission.
    pub max_columns: usize,
    /// Most findings kept for one submission; the count goes on beyond it.
    pub max_findings: usize,
    /// Bytes of typed rows kept in memory before staging spills to disk.
    pub staging_memory_bytes: usize,
    /// Most rows of one data file; files are cut at organisation borders.
    pub max_file_rows: usize,
    /// Memory pool of queries, in bytes.
    pub query_memory_bytes: usize,
    /// Worker threads and query partitions.
    pub threads: usize,
    /// Folder of a development checkout to read definitions from; `None` = the built-in ones.
    pub definitions_dir: Option<PathBuf>,
    /// Time instead of the system's, for rehearsals and tests; `None` = the system's.
    pub now: Option<DateTime<Utc>>,
}

impl Config {
    /// The time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now.unwrap_or_else(Utc::now)
    }
}

impl Default for Config {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        let threads = std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get);
        Self {
            max_file_bytes: 2048 * MIB,
            max_workbook_bytes: 50 * MIB,
            max_inflated_bytes: 500 * MIB,
            max_rows: 50_000_000,
            max_cell_bytes: 32 * 1024,
            max_columns: 512,
            max_findings: 10_000,
            staging_memory_bytes: 512 << 20,
            max_file_rows: 2_000_000,
            query_memory_bytes: 8 << 30,
            threads,
            definitions_dir: None,
            now: None,
        }
    }
}
