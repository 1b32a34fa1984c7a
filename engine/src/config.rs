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
    /// The server.
    pub server: ServerConfig,
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

/// Size and shape of one statement of the server's callers.
#[derive(Debug, Clone)]
pub struct StatementLimits {
    /// Bytes of its text.
    pub max_bytes: usize,
    /// Words, numbers and signs.
    pub max_tokens: usize,
    /// Operators (`and`, `or`, `+`, `=`, ...), which make expressions deep.
    pub max_operators: usize,
    /// Depth of one expression.
    pub max_depth: usize,
    /// `union`, `intersect`, `except`.
    pub max_set_operations: usize,
    /// Tables and subqueries named in FROM.
    pub max_relations: usize,
    /// The same, with what they name of WITH spelt out as often as it is named.
    pub max_spelt_out_relations: usize,
    /// Members of one IN list.
    pub max_list_items: usize,
    /// Elements or characters that one function may make from nothing (`range`, `repeat`).
    pub max_generated: i64,
    /// Nodes of the plan, views spelt out.
    pub max_plan_nodes: usize,
}

impl Default for StatementLimits {
    fn default() -> Self {
        Self {
            max_bytes: 256 * 1024,
            max_tokens: 40_000,
            max_operators: 4_000,
            max_depth: 600,
            max_set_operations: 200,
            max_relations: 64,
            max_spelt_out_relations: 512,
            max_list_items: 5_000,
            max_generated: 10_000,
            max_plan_nodes: 50_000,
        }
    }
}

/// Limits of the server: the section `[server]` of `bilim.toml`.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Size and shape of a statement.
    pub statement: StatementLimits,
    /// Memory of one query, in bytes, out of `query_memory_bytes`.
    pub memory_per_query_bytes: usize,
    /// Longest time of a statement, planning and reading included.
    pub statement_timeout: Duration,
    /// Most rows of an answer.
    pub max_result_rows: u64,
    /// Most bytes of an answer, as sent.
    pub max_result_bytes: u64,
    /// Queries of the ministry that run side by side.
    pub max_ministry_queries: usize,
    /// Queries of regions, districts and organisations together that run side by side.
    pub max_department_queries: usize,
    /// Queries of researchers that run side by side.
    pub max_researcher_queries: usize,
    /// Queries of the public that run side by side.
    pub max_public_queries: usize,
    /// Queries of one class of callers that wait for a place; more are refused.
    pub max_queued_queries: usize,
    /// Queries of one caller, running and waiting.
    pub max_queries_per_caller: usize,
    /// Connections at a time.
    pub max_connections: usize,
    /// Largest message that a client may send, in bytes.
    pub max_message_bytes: usize,
    /// Largest set of parameters of a prepared statement, in bytes.
    pub max_parameter_bytes: usize,
    /// How long a ticket or the handle of a prepared statement is good.
    pub ticket_lifetime: Duration,
    /// How long the options of a session are kept without a call.
    pub session_idle: Duration,
    /// Sessions of one caller whose options are kept.
    pub max_sessions_per_caller: usize,
    /// How often a new lake version is looked for.
    pub refresh_every: Duration,
    /// How long running queries may go on after the signal to stop.
    pub drain: Duration,
    /// Whether answers are compressed: `none`, `lz4` or `zstd`.
    pub compression: Compression,
}

/// Compression of answers on their way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// None: the fastest on one machine and in a fast network.
    #[default]
    None,
    /// LZ4: for networks below some 3 Gbit/s.
    Lz4,
    /// Zstandard: for slow or paid networks.
    Zstd,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            statement: StatementLimits::default(),
            memory_per_query_bytes: 2 << 30,
            statement_timeout: Duration::from_mins(5),
            max_result_rows: 100_000_000,
            max_result_bytes: 16 << 30,
            max_ministry_queries: 8,
            max_department_queries: 16,
            max_researcher_queries: 8,
            max_public_queries: 8,
            max_queued_queries: 64,
            max_queries_per_caller: 16,
            max_connections: 2_000,
            max_message_bytes: 256 << 20,
            max_parameter_bytes: 64 << 10,
            ticket_lifetime: Duration::from_hours(1),
            session_idle: Duration::from_hours(1),
            max_sessions_per_caller: 64,
            refresh_every: Duration::from_secs(1),
            drain: Duration::from_secs(30),
            compression: Compression::None,
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
            server: ServerConfig::default(),
            definitions_dir: None,
            now: None,
        }
    }
}
