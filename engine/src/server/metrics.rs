//! Counters and gauges of the server, in the text format of Prometheus. No label names a caller or a statement.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::session::policy::Role;

/// Upper bounds of the classes of time, in seconds.
const SECONDS: [f64; 12] = [0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0];

/// Role of who asked, and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRole {
    role: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Values that are asked for when the text is made.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Connections.
    pub connections: usize,
    /// Statements that run or wait.
    pub queries: usize,
    /// Of these, statements that wait for a place.
    pub waiting: usize,
    /// Memory of running statements, in bytes.
    pub memory: usize,
    /// Spill files, in bytes.
    pub spilled: u64,
    /// Answers kept in memory, in bytes.
    pub kept: usize,
    /// Lake version that is answered from.
    pub lake_version: u64,
}

/// All metrics.
pub struct Metrics {
    registry: Registry,
    queries: Family<OfRole, Counter>,
    seconds: Histogram,
    rows: Counter,
    bytes: Counter,
    reused: Counter,
    logins: Family<Outcome, Counter>,
    ingests: Family<Outcome, Counter>,
    connections: Gauge,
    running: Gauge,
    waiting: Gauge,
    memory: Gauge,
    spilled: Gauge<u64, AtomicU64>,
    kept: Gauge,
    lake_version: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("bilim"),
            queries: Family::default(),
            seconds: Histogram::new(SECONDS),
            rows: Counter::default(),
            bytes: Counter::default(),
            reused: Counter::default(),
            logins: Family::default(),
            ingests: Family::default(),
            connections: Gauge::default(),
            running: Gauge::default(),
            waiting: Gauge::default(),
            memory: Gauge::default(),
            spilled: Gauge::default(),
            kept: Gauge::default(),
            lake_version: Gauge::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("queries", "Statements that ended", metrics.queries.clone());
        registry.register_with_unit(
            "query_duration",
            "Time from asking to the last row",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        registry.register("rows_sent", "Rows of answers", metrics.rows.clone());
        registry.register_with_unit("sent", "Bytes of answers", Unit::Bytes, metrics.bytes.clone());
        registry.register("answers_reused", "Answers given again from memory", metrics.reused.clone());
        registry.register("logins", "Proofs of identity presented", metrics.logins.clone());
        registry.register("ingests", "Submissions over Flight SQL", metrics.ingests.clone());
        registry.register("connections", "Connections", metrics.connections.clone());
        registry.register("queries_running", "Statements that run or wait", metrics.running.clone());
        registry.register("queries_waiting", "Statements that wait for a place", metrics.waiting.clone());
        registry.register_with_unit(
            "query_memory",
            "Memory of running statements",
            Unit::Bytes,
            metrics.memory.clone(),
        );
        registry.register_with_unit("spilled", "Spill files", Unit::Bytes, metrics.spilled.clone());
        registry.register_with_unit("answers_kept", "Answers in memory", Unit::Bytes, metrics.kept.clone());
        registry.register("lake_version", "Lake version that is answered from", metrics.lake_version.clone());
        metrics
    }
}

impl Metrics {
    /// A statement ended.
    pub fn query(&self, role: Role, outcome: &'static str, elapsed: Duration, rows: u64, bytes: u64) {
        self.queries.get_or_create(&OfRole { role: role.as_str(), outcome }).inc();
        self.seconds.observe(elapsed.as_secs_f64());
        self.rows.inc_by(rows);
        self.bytes.inc_by(bytes);
    }

    /// An answer came from memory.
    pub fn reused(&self) {
        self.reused.inc();
    }

    /// Somebody proved who it is, or did not.
    pub fn login(&self, outcome: &'static str) {
        self.logins.get_or_create(&Outcome { outcome }).inc();
    }

    /// A submission was accepted, rejected or failed.
    pub fn ingest(&self, outcome: &'static str) {
        self.ingests.get_or_create(&Outcome { outcome }).inc();
    }

    /// The text, with the values of now.
    #[must_use]
    pub fn text(&self, now: Now) -> String {
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.connections.set(whole(now.connections));
        self.running.set(whole(now.queries));
        self.waiting.set(whole(now.waiting));
        self.memory.set(whole(now.memory));
        self.spilled.set(now.spilled);
        self.kept.set(whole(now.kept));
        self.lake_version.set(now.lake_version);
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
