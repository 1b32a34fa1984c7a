//! Sessions: the only place that builds a `SessionContext`.
//!
//! A session is bound to one lake version and one set of definitions: same version, same
//! definitions, same answers. It owns the catalog `bilim` (schemas `raw`, `staging`,
//! `measures`, `ref`, `mart`, `gov`, `meta`), our SQL functions and the options. It runs no
//! statement and prints nothing; that is `query` and `cli`. Who sees what is `policy`.

mod archive;
mod changes;
mod constant;
mod descriptions;
mod error;
mod files;
mod functions;
mod identity;
pub mod indicator;
mod memory;
mod meta;
mod optimizer;
mod options;
pub mod policy;
mod ratings;
mod reference;
mod revision;
mod rollups;
mod scratch;
mod sources;
mod views;

pub use changes::changes;
pub use descriptions::Descriptions;
pub use error::SessionError;
pub use files::table_of_files;
pub use identity::Identity;
pub use memory::{QueryMemory, of_query};
pub use policy::{Caller, CallerError, NotAllowed, Role, SealedError, Unit};
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
use crate::definitions::{Assets, Definitions};
use crate::lake::provider::RawTable;
use crate::lake::{self, Lake, Snapshot, TableSpec};
use archive::{ArchiveCatalog, Scope};
use functions::YearStatus;
use indicator::{Editions, IndicatorTable};
use policy::{Definer, Guard, Side};
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

/// A context over one lake version: the ministry's, or what the public sees where `config.lens.audience` says so.
///
/// # Errors
/// [`SessionError`] when a definition or an option is unusable.
pub fn open(
    config: &Config,
    runtime: Arc<RuntimeEnv>,
    definitions: &Arc<Definitions>,
    snapshot: &Snapshot,
) -> Result<SessionContext, SessionError> {
    open_for(config, runtime, definitions, snapshot, &Caller::embedded(config.lens.audience))
}

/// A context over one lake version for a caller: what its role and unit may see, under the names that everybody uses.
///
/// The caller's name, role and unit come from who signed in, never from a statement. `config.lens.vintage` holds,
/// `config.lens.audience` is the role's own. What a rule does not show is refused by name when a statement is
/// planned ([`NotAllowed`]); what fails below a secured table says only its name ([`SealedError`]).
///
/// # Errors
/// As [`open`].
#[expect(clippy::needless_pass_by_value, reason = "handed over as to `open`")]
pub fn open_for(
    config: &Config,
    runtime: Arc<RuntimeEnv>,
    definitions: &Arc<Definitions>,
    snapshot: &Snapshot,
    caller: &Caller,
) -> Result<SessionContext, SessionError> {
    let lens = Lens { audience: caller.role().audience(), ..config.lens.clone() };
    let config = Config { lens, ..config.clone() };
    let identity = Arc::new(Identity::new(definitions, snapshot, &config.lens, caller));
    let context = || bare(&config, &runtime, snapshot, caller, &identity);
    let definer = context()?;
    let slot = slot_of(&definer);
    let rollup_memory = config.use_rollups.then_some(config.rollup_memory_bytes);
    let whole = schemas(definitions, snapshot, &slot, None, &config.lens, rollup_memory)?;
    let archives: BTreeMap<String, Arc<ArchiveCatalog>> = snapshot
        .archives()
        .into_iter()
        .map(|archive| (archive.catalog(), Arc::new(ArchiveCatalog::new(archive, &slot, &config.lens))))
        .collect();
    register(&definer, whole.iter().map(|(name, schema)| (*name, Arc::clone(schema) as _)))?;
    for (name, archive) in &archives {
        definer.register_catalog(name, Arc::clone(archive) as _);
    }
    if caller.role() == Role::Ministry {
        return Ok(definer);
    }
    let (inside, outside) = (context()?, context()?);
    let views = slot_of(&inside);
    for (ctx, side) in [(&inside, Side::Inside), (&outside, Side::Outside(inside.clone()))] {
        let of = Definer::new(definer.clone(), None);
        let guard = Guard::new(caller.clone(), of, Arc::clone(definitions), Arc::clone(&views), side.clone());
        register(ctx, policy::guarded(&whole, &Arc::new(guard)))?;
        for (name, archive) in &archives {
            let guarded = archive.guarded(caller, &definer, &views, &side);
            ctx.register_catalog(name, Arc::new(guarded));
        }
    }
    Ok(outside)
}

/// A context with our options and functions and nothing in it.
fn bare(
    config: &Config,
    runtime: &Arc<RuntimeEnv>,
    snapshot: &Snapshot,
    caller: &Caller,
    identity: &Arc<Identity>,
) -> Result<SessionContext, SessionError> {
    let options = options::session_config(config)?
        .with_extension(Arc::new(caller.clone()))
        .with_extension(Arc::clone(identity));
    let builder = SessionStateBuilder::new_with_default_features()
        .with_config(options)
        .with_runtime_env(Arc::clone(runtime));
    let state = optimizer::with_rules(builder).build();
    let ctx = SessionContext::new_with_state(state);
    functions::register_all(&ctx);
    options::leave_out_rules(&ctx);
    ctx.register_udf(YearStatus::new(snapshot.final_years()).into());
    Ok(ctx)
}

/// Where views of a context find its state, without keeping it alive.
fn slot_of(ctx: &SessionContext) -> Arc<SessionStateSlot> {
    let slot = Arc::new(SessionStateSlot::default());
    let weak = ctx.state_weak_ref();
    slot.fill(move || weak.upgrade().map(|state| state.read().clone()));
    slot
}

fn register(
    ctx: &SessionContext,
    schemas: impl IntoIterator<Item = (&'static str, Arc<dyn SchemaProvider>)>,
) -> Result<(), SessionError> {
    let catalog = MemoryCatalogProvider::new();
    for (name, schema) in schemas {
        catalog.register_schema(name, schema)?;
    }
    ctx.register_catalog("bilim", Arc::new(catalog));
    Ok(())
}

/// The same session for callers of a server: with another catalog and schema for names that do not say theirs, and
/// with plans that are told without the names of files.
///
/// It lives no longer than `ctx`: views are planned in the session that they belong to.
#[must_use]
pub fn looking_at(ctx: &SessionContext, catalog: &str, schema: &str) -> SessionContext {
    let mut config = ctx.copied_config().with_default_catalog_and_schema(catalog, schema);
    config.options_mut().explain.logical_plan_only = true;
    let state = SessionStateBuilder::new_from_existing(ctx.state()).with_config(config).build();
    SessionContext::new_with_state(state)
}

/// Whether a name of a schema is a view written in SQL.
#[must_use]
pub fn is_view(definitions: &Definitions, schema: &str, name: &str) -> bool {
    let is_file = |folder: &str| definitions.assets.text(&format!("sql/{folder}/{name}.sql")).is_ok();
    views::FOLDERS.iter().any(|(folder, of)| *of == schema && is_file(folder))
}

/// The definitions that were in force at a lake version; `own` where it names none.
///
/// # Errors
/// [`SessionError`] when the lake's copy of them cannot be read.
pub async fn definitions_of(
    lake: &Lake,
    snapshot: &Snapshot,
    own: &Arc<Definitions>,
) -> Result<Arc<Definitions>, SessionError> {
    let Some(hash) = &snapshot.version().definitions else { return Ok(Arc::clone(own)) };
    if *hash == own.assets.hash() {
        return Ok(Arc::clone(own));
    }
    let files = lake.definitions(hash).await?;
    Ok(Arc::new(Definitions::from_assets(Assets::from_map(files))?))
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
) -> Result<BTreeMap<&'static str, Arc<ViewSchema>>, SessionError> {
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
    let schema = |name| {
        let views = views.remove(name).unwrap_or_default();
        let tables = tables.remove(name).unwrap_or_default();
        let rollups = rollups.clone().filter(|_| name == "measures");
        let schema = ViewSchema::new(tables, views, Arc::clone(slot));
        (name, Arc::new(schema.with_rollups(rollups).of_reference(name == "ref")))
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
