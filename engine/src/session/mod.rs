//! Sessions: the only place that builds a `SessionContext`.
//!
//! A session is bound to one lake version and one set of definitions: same version, same
//! definitions, same answers. It owns the catalog `bilim` (schemas `raw`, `staging`,
//! `measures`, `ref`, `mart`, `gov`, `meta`), our SQL functions and the options. It runs no
//! statement and prints nothing; that is `query` and `cli`.

mod archive;
mod changes;
mod error;
mod functions;
mod identity;
pub mod indicator;
mod meta;
mod options;
mod ratings;
mod reference;
mod revision;
mod rollups;
mod scratch;
mod sources;
mod views;

pub use changes::changes;
pub use error::SessionError;
pub use identity::Identity;
pub use rollups::{Refreshed, refresh};
pub use scratch::scratch;

/// Rows by key, bounded in bytes.
pub use crate::lake::Memory as RowMemory;

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, SchemaProvider, TableProvider};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::SessionContext;

use crate::config::{Config, Lens};
use crate::definitions::Definitions;
use crate::lake::provider::RawTable;
use crate::lake::{self, Snapshot, TableSpec};
use archive::{ArchiveCatalog, Scope};
use functions::YearStatus;
use indicator::{Editions, IndicatorTable};
use revision::{Cells, RevisionTable};
use rollups::Rollups;
use views::{SessionStateSlot, ViewSchema};

/// Schemas of every catalog.
const SCHEMAS: [&str; 7] = ["raw", "staging", "measures", "ref", "gov", "mart", "meta"];

/// Tables of a lake version, by name.
pub type Tables = BTreeMap<String, Arc<dyn TableProvider>>;

/// Memory limit, spill directory and caches of a process, shared by its sessions.
///
/// The pool is greedy: a fair one divides the memory by the number of aggregates, of which a question
/// about all indicators has thousands, and refuses each of them its first two megabytes.
///
/// # Errors
/// When the spill directory cannot be made.
pub fn runtime(config: &Config) -> Result<Arc<RuntimeEnv>, SessionError> {
    Ok(RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(config.query_memory_bytes)))
        .with_metadata_cache_limit(256 << 20)
        .build_arc()?)
}

/// A context over one lake version.
///
/// # Errors
/// [`SessionError`] when a definition or an option is unusable.
pub fn open(
    config: &Config,
    runtime: Arc<RuntimeEnv>,
    definitions: &Arc<Definitions>,
    snapshot: &Snapshot,
) -> Result<SessionContext, SessionError> {
    let identity = Arc::new(Identity::new(definitions, snapshot, &config.lens));
    let options = options::session_config(config)?
        .with_extension(Arc::new(config.lens.audience))
        .with_extension(Arc::clone(&identity));
    let state = SessionStateBuilder::new_with_default_features()
        .with_config(options)
        .with_runtime_env(runtime)
        .build();
    let ctx = SessionContext::new_with_state(state);
    functions::register_all(&ctx);
    options::leave_out_rules(&ctx);
    let slot = Arc::new(SessionStateSlot::default());
    let weak = ctx.state_weak_ref();
    slot.fill(move || weak.upgrade().map(|state| state.read().clone()));

    ctx.register_udf(YearStatus::new(snapshot.final_years()).into());
    let rollup_memory = config.use_rollups.then_some(config.rollup_memory_bytes);
    let catalog = MemoryCatalogProvider::new();
    for (name, schema) in schemas(definitions, snapshot, &slot, None, &config.lens, rollup_memory)? {
        catalog.register_schema(name, schema)?;
    }
    ctx.register_catalog("bilim", Arc::new(catalog));
    for archive in snapshot.archives() {
        ctx.register_catalog(archive.catalog(), Arc::new(ArchiveCatalog::new(archive, &slot, &config.lens)));
    }
    Ok(ctx)
}

/// The schemas of one catalog; `scope` where it is not the session's own. With rollups, as many bytes of them stay
/// in memory as said; an archive has none.
fn schemas(
    definitions: &Arc<Definitions>,
    snapshot: &Snapshot,
    slot: &Arc<SessionStateSlot>,
    scope: Option<&Scope>,
    lens: &Lens,
    rollup_memory: Option<usize>,
) -> Result<BTreeMap<&'static str, Arc<dyn SchemaProvider>>, SessionError> {
    let mut reference = reference::tables(&definitions.assets)?;
    reference.extend(meta::reference(definitions)?);
    let mut about = meta::about(definitions)?;
    about.extend(meta::snapshot(snapshot)?);
    let mut tables = BTreeMap::from([
        ("raw", raw(definitions, snapshot)?),
        ("ref", reference),
        ("gov", ledger(snapshot)?),
        ("meta", about),
    ]);
    let mut views = views::all(definitions, lens)?;
    let rollups = rollup_memory.map(|bytes| Arc::new(Rollups::new(definitions, snapshot, &views, bytes)));
    tables.insert("mart", mart(definitions, snapshot, scope, lens, rollups.as_ref()));
    let schema = |name| -> (&'static str, Arc<dyn SchemaProvider>) {
        let views = views.remove(name).unwrap_or_default();
        let tables = tables.remove(name).unwrap_or_default();
        let rollups = rollups.clone().filter(|_| name == "measures");
        (name, Arc::new(ViewSchema::new(tables, views, Arc::clone(slot)).with_rollups(rollups)))
    };
    Ok(SCHEMAS.into_iter().map(schema).collect())
}

fn raw(definitions: &Definitions, snapshot: &Snapshot) -> Result<Tables, SessionError> {
    let mut tables = Tables::new();
    for form in &definitions.forms {
        let table = RawTable::new(snapshot, &TableSpec::of_form(form))?;
        tables.insert(form.table(), Arc::new(table));
    }
    Ok(tables)
}

fn ledger(snapshot: &Snapshot) -> Result<Tables, SessionError> {
    let mut tables = Tables::new();
    for spec in lake::ledgers() {
        let name = spec.name.trim_start_matches("gov.").to_owned();
        tables.insert(name, Arc::new(RawTable::new(snapshot, &spec)?));
    }
    Ok(tables)
}

fn mart(
    definitions: &Arc<Definitions>,
    snapshot: &Snapshot,
    scope: Option<&Scope>,
    lens: &Lens,
    rollups: Option<&Arc<Rollups>>,
) -> Tables {
    let table = |editions| -> Arc<dyn TableProvider> {
        let table = IndicatorTable::new(Arc::clone(definitions), editions);
        Arc::new(table.within(scope.cloned()).seen_through(lens.clone()).with_rollups(rollups.cloned()))
    };
    let mut tables = Tables::from([
        ("indicator".to_owned(), table(Editions::Preferred)),
        ("indicator_edition".to_owned(), table(Editions::All)),
        ("indicator_vintage".to_owned(), table(Editions::InVintages)),
    ]);
    // An archive knows of no later state; its own definitions may name the tables all the same.
    let archives = if scope.is_none() { snapshot.archives() } else { Vec::new() };
    for (name, cells) in [("comparison", Cells::All), ("revision", Cells::Revised)] {
        let table = RevisionTable::new(Arc::clone(definitions), archives.clone(), cells);
        tables.insert(name.to_owned(), Arc::new(table));
    }
    tables
}
