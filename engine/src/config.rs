//! Limits and paths of one process.
//!
//! Every loop over outside data is bounded by a field here; a breach is an error that
//! names the field. Reading `bilim.toml` is left to `cli`.

use std::path::PathBuf;
use std::time::Duration;

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
    /// Seconds that a command waits for another writer of the lake.
    pub writer_wait_seconds: u64,
    /// How long the lease of a lake in an object store holds without renewal.
    pub lease: Duration,
    /// Memory pool of queries, in bytes.
    pub query_memory_bytes: usize,
    /// Read measure sets from rollups where there are any; the answers are the same without.
    pub use_rollups: bool,
    /// Bytes of sums by district and of finished indicators kept in memory; 0 = none are.
    pub rollup_memory_bytes: usize,
    /// Bytes of answers that the shell keeps by statement; 0 = none are.
    pub result_cache_bytes: usize,
    /// Hash every data file before a session first reads it; a wrong byte is then an error, never an answer.
    pub verify_reads: bool,
    /// Worker threads and query partitions.
    pub threads: usize,
    /// How indicators are shown.
    pub lens: Lens,
    /// Signatures of heads.
    pub signature: SignatureConfig,
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

/// How a session shows indicators.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lens {
    /// Vintage of the territory in which every year is shown; `None` = as reported.
    pub vintage: Option<String>,
    /// Whom it is shown to.
    pub audience: Audience,
}

/// Who reads the answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Audience {
    /// The ministry, and whoever has the lake itself: true values.
    #[default]
    Ministry,
    /// Researchers, the public and publications: small cells are hidden.
    Public,
}

/// What signatures are held against: the section `[signature]` of `bilim.toml`.
#[derive(Debug, Clone)]
pub struct SignatureConfig {
    /// Folder of root certificates, and of those between them and the keys; `None` = nothing is verified.
    pub roots: Option<PathBuf>,
    /// Folder of lists of revoked certificates.
    pub crl: Option<PathBuf>,
    /// Whether an employee with the right to sign may confirm in place of the head.
    pub delegate: bool,
    /// Name of this system in envelopes; `None` = no envelope is accepted.
    pub audience: Option<String>,
    /// Days for which an envelope made here is good.
    pub envelope_days: u16,
    /// Largest signature, in bytes.
    pub max_signature_bytes: usize,
    /// Largest list of revoked certificates, in bytes.
    pub max_crl_bytes: u64,
}

impl Default for SignatureConfig {
    fn default() -> Self {
        Self {
            roots: None,
            crl: None,
            delegate: false,
            audience: None,
            envelope_days: 5,
            max_signature_bytes: 1 << 20,
            max_crl_bytes: 256 << 20,
        }
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
            writer_wait_seconds: 5,
            lease: Duration::from_secs(30),
            query_memory_bytes: 8 << 30,
            use_rollups: true,
            rollup_memory_bytes: 256 << 20,
            result_cache_bytes: 64 << 20,
            verify_reads: false,
            threads,
            lens: Lens::default(),
            signature: SignatureConfig::default(),
            definitions_dir: None,
            now: None,
        }
    }
}
