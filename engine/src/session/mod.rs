//! Sessions: the only place that builds a `SessionContext`.
//!
//! A session is bound to one lake version and one set of definitions: same version, same
//! definitions, same answers. It owns the catalog `bilim` (schemas `raw`, `staging`,
//! `measures`, `ref`, `mart`, `gov`, `meta`), our SQL functions and the options. It runs no
//! statement and prints nothing; that is `query` and `cli`.

mod changes;
mod error;
mod functions;
pub mod indicator;
mod meta;
mod options;
mod reference;
mod scratch;
mod sources;
mod views;

pub use changes::changes;
pub use error::SessionError;
pub use scratch::scratch;

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, TableProvider};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::SessionContext;

use crate::config::Config;
use crate::definitions::Definitions;
use crate::lake::provider::RawTable;
use crate::lake::{self, Snapshot, TableSpec};
use indicator::{Editions, IndicatorTable};
use views::{SessionStateSlot, ViewSchema};

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
    let state = SessionStateBuilder::new_with_default_features()
        .with_config(options::session_config(config)?)
        .with_runtime_env(runtime)
        .build();
    let ctx = SessionContext::new_with_state(state);
    functions::register_all(&ctx);
    options::leave_out_rules(&ctx);
    let slot = Arc::new(SessionStateSlot::default());
    let weak = ctx.state_weak_ref();
    slot.fill(move || weak.upgrade().map(|state| state.read().clone()));

    let catalog = MemoryCatalogProvider::new();
    let schema = |name: &str, tables: Tables| -> Result<(), SessionError> {
        let views = views::of_schema(&definitions.assets, name);
        let schema = ViewSchema::new(tables, views, Arc::clone(&slot));
        catalog.register_schema(name, Arc::new(schema))?;
        Ok(())
    };
    let mut reference = reference::tables(&definitions.assets)?;
    reference.extend(meta::reference(definitions)?);
    schema("raw", raw(definitions, snapshot)?)?;
    schema("staging", Tables::new())?;
    schema("measures", Tables::new())?;
    schema("ref", reference)?;
    schema("gov", ledger(snapshot)?)?;
    schema("mart", mart(definitions))?;
    let mut about = meta::about(definitions)?;
    about.extend(meta::snapshot(snapshot)?);
    schema("meta", about)?;
    ctx.register_catalog("bilim", Arc::new(catalog));
    Ok(ctx)
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

fn mart(definitions: &Arc<Definitions>) -> Tables {
    let table = |editions| -> Arc<dyn TableProvider> {
        Arc::new(IndicatorTable::new(Arc::clone(definitions), editions))
    };
    Tables::from([
        ("indicator".to_owned(), table(Editions::Preferred)),
        ("indicator_edition".to_owned(), table(Editions::All)),
    ])
}
