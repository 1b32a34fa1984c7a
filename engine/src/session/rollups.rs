//! Rollups of a session: which measure sets are read from them, and how they are computed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::LogicalPlan;

use super::error::SessionError;
use super::views;
use crate::config::{Config, Lens};
use crate::definitions::Definitions;
use crate::lake::{Derived, Snapshot};
use crate::rollup::{
    Cover, Definition, RollupTable, Sources, Unit, content, has_key, is_of_lake, named, spec_of,
    statement_key, store,
};

/// Statements of a session whose keys are remembered.
const MAX_PLACES: usize = 4096;

/// The rollups that fit one lake version and one set of definitions.
pub struct Rollups {
    definitions: Arc<Definitions>,
    snapshot: Snapshot,
    /// Text of every view of the session, by `schema.name`.
    texts: BTreeMap<String, String>,
    known: Mutex<BTreeMap<String, Option<Arc<Definition>>>>,
    /// Most bytes that may be kept in memory.
    memory_bytes: usize,
    /// Keys of statements.
    places: Mutex<HashMap<String, Option<String>>>,
    /// Tables below each view that a statement named, and what each of them holds.
    tables: Mutex<BTreeMap<String, Arc<Vec<String>>>>,
    contents: Mutex<BTreeMap<String, String>>,
}

/// Where the rows of one statement are kept in memory.
#[derive(Debug, Clone)]
pub struct Kept {
    derived: Derived,
    key: String,
    limit: usize,
}

impl Kept {
    /// The rows, if they are there; there is always one batch, which may be empty.
    #[must_use]
    pub fn rows(&self) -> Option<Arc<Vec<RecordBatch>>> {
        self.derived.memory().get(&self.key)
    }

    /// Keep the rows of a statement with this schema, packed, so that they hold on to no more than themselves.
    ///
    /// # Errors
    /// When the rows do not have the schema.
    pub fn keep(&self, schema: &SchemaRef, rows: &[RecordBatch]) -> Result<(), DataFusionError> {
        let packed = concat_batches(schema, rows)?;
        self.derived.memory().keep(&self.key, Arc::new(vec![packed]), self.limit);
        Ok(())
    }
}

impl fmt::Debug for Rollups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rollups").field("lake_version", &self.snapshot.number()).finish_non_exhaustive()
    }
}

impl Rollups {
    /// Rollups of a session over these views.
    #[must_use]
    pub fn new(
        definitions: &Arc<Definitions>,
        snapshot: &Snapshot,
        views: &BTreeMap<&'static str, BTreeMap<String, String>>,
        memory_bytes: usize,
    ) -> Self {
        let mut texts = BTreeMap::new();
        for (schema, views) in views {
            texts.extend(views.iter().map(|(name, text)| (format!("{schema}.{name}"), text.clone())));
        }
        Self {
            definitions: Arc::clone(definitions),
            snapshot: snapshot.clone(),
            texts,
            known: Mutex::default(),
            memory_bytes,
            places: Mutex::default(),
            tables: Mutex::default(),
            contents: Mutex::default(),
        }
    }

    /// A measure set as a rollup; `None` when it has none.
    fn definition(&self, measure: &str) -> Option<Arc<Definition>> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(definition) = known().get(measure) {
            return definition.clone();
        }
        let set = self.definitions.catalogue.measures.get(measure);
        let made = set.and_then(|set| Definition::of_measure(measure, set, &self.sources())).map(Arc::new);
        known().insert(measure.to_owned(), made.clone());
        made
    }

    fn sources(&self) -> Sources<'_> {
        Sources { texts: &self.texts, definitions: &self.definitions }
    }

    /// A view of schema `measures` with its rollups in front; `None` where it has none.
    ///
    /// # Errors
    /// When the plan of the view cannot be analysed.
    pub async fn over(
        &self,
        state: &SessionState,
        measure: &str,
        plan: &LogicalPlan,
        view: &Arc<dyn TableProvider>,
    ) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        // Most lakes have no rollups at all: nothing is hashed for them.
        match self.snapshot.derived() {
            Some(derived) if derived.has(measure).await => {}
            _ => return Ok(None),
        }
        let Some(definition) = self.definition(measure) else { return Ok(None) };
        let schema = analysed(state, plan)?;
        let table = RollupTable::over(&definition, &self.snapshot, view, &schema).await;
        Ok(table.map(|table| Arc::new(table) as _))
    }

    /// Where the rows of a statement may be kept; `None` when it rests on what no key can cover.
    ///
    /// The statement may call no function that differs between sessions but `year_status`.
    #[must_use]
    pub fn place(&self, text: &str) -> Option<Kept> {
        let derived = self.snapshot.derived().filter(|_| self.memory_bytes > 0)?;
        let known = || self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = known().get(text).cloned();
        let key = cached.unwrap_or_else(|| {
            let key = self.key(text);
            let mut known = known();
            if known.len() >= MAX_PLACES {
                known.clear();
            }
            known.insert(text.to_owned(), key.clone());
            key
        });
        Some(Kept { derived: derived.clone(), key: key?, limit: self.memory_bytes })
    }

    /// The text, the definitions, the files of all tables below, and which years are final.
    fn key(&self, text: &str) -> Option<String> {
        let mut tables = BTreeSet::new();
        for name in named(text) {
            tables.extend(self.below(&name).iter().cloned());
        }
        if !tables.iter().all(|table| has_key(table)) {
            return None;
        }
        let contents: Vec<String> =
            tables.iter().filter(|table| is_of_lake(table)).map(|table| self.content(table)).collect();
        let mut years: Vec<i32> = self.snapshot.final_years().collect();
        years.sort_unstable();
        years.dedup();
        let key = statement_key(text, &self.definitions.assets.hash(), &contents);
        Some(format!("{key} {years:?}"))
    }

    /// Tables below a view, or the table itself.
    fn below(&self, name: &str) -> Arc<Vec<String>> {
        let mut known = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || Arc::new(self.sources().below([name.to_owned()]).tables.into_iter().collect());
        Arc::clone(known.entry(name.to_owned()).or_insert_with(made))
    }

    /// What a table holds, in one text with its name.
    fn content(&self, table: &str) -> String {
        let mut known = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || format!("{table} {}", content(&self.snapshot, table));
        known.entry(table.to_owned()).or_insert_with(made).clone()
    }

    /// Every measure set that has rollups, those first that others are computed from.
    fn in_order(&self) -> Vec<Arc<Definition>> {
        let names = self.definitions.catalogue.measures.keys();
        let mut all: Vec<Arc<Definition>> = names.filter_map(|name| self.definition(name)).collect();
        // What is below a view is fewer views than the view itself has below it.
        all.sort_by_key(|definition| definition.below().views.len());
        all
    }
}

/// The schema of the rows of a plan: branches of a union, for instance, get their common types only here.
fn analysed(state: &SessionState, plan: &LogicalPlan) -> Result<SchemaRef, DataFusionError> {
    let plan = state.analyzer().execute_and_check(plan.clone(), state.config_options(), |_, _| {})?;
    Ok(Arc::clone(plan.schema().inner()))
}

/// What was done for the rollups of one measure set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// Measure set.
    pub measure: String,
    /// Year and region of the rollups that were made; one empty entry for a set without partitions.
    pub made: Vec<Vec<i32>>,
    /// Rollups that were there already and are sound.
    pub kept: usize,
    /// Rows of those that were made.
    pub rows: u64,
}

/// Make the rollups that a lake version lacks, in its `rollup` area; those that are there are checked by hash.
///
/// With `dry` nothing is made, and `made` is what would be. Who asks while it goes on gets the same answers.
///
/// # Errors
/// [`SessionError`] when a measure set cannot be computed or its rollups cannot be written.
pub async fn refresh(
    config: &Config,
    runtime: &Arc<RuntimeEnv>,
    definitions: &Arc<Definitions>,
    snapshot: &Snapshot,
    dry: bool,
) -> Result<Vec<Refreshed>, SessionError> {
    let mut done = Vec::new();
    let Some(derived) = snapshot.derived() else { return Ok(done) };
    derived.look_again();
    let mut config = config.clone();
    config.use_rollups = true;
    // What is stored is nobody's view: true values, as reported.
    config.lens = Lens::default();
    let rollups = Rollups::new(definitions, snapshot, &views::all(definitions, &config.lens)?, 0);
    let mut ctx = super::open(&config, Arc::clone(runtime), definitions, snapshot)?;
    for definition in rollups.in_order() {
        let measure = definition.name();
        let named = format!("measures.{measure}");
        // A session knows the rollups that were there when it first named the set.
        let has_new = done.iter().any(|other: &Refreshed| {
            !other.made.is_empty()
                && definition.below().views.contains(&format!("measures.{}", other.measure))
        });
        if has_new && !dry {
            ctx = super::open(&config, Arc::clone(runtime), definitions, snapshot)?;
        }
        let state = ctx.state();
        let plan = Box::pin(state.create_logical_plan(&format!("select * from {named}"))).await?;
        let view = analysed(&state, &plan)?;
        let Some(spec) = spec_of(&definition, &view) else { continue };
        let cover = Cover::of(&definition, snapshot, derived, &spec).await.sound(derived, &spec).await;
        let mut refreshed = Refreshed {
            measure: measure.to_owned(),
            made: cover.missing.iter().map(|unit| unit.partition.clone()).collect(),
            kept: cover.stored.len(),
            rows: 0,
        };
        if !dry {
            // A damaged rollup is still in this session's register: it computes what it finds unsound.
            for (condition, units) in by_year(&cover.missing) {
                let rows = ctx.sql(&format!("select * from {named}{condition}")).await?.collect().await?;
                refreshed.rows += rows.iter().map(RecordBatch::num_rows).sum::<usize>() as u64;
                store(derived, &definition, &view, &units, rows, config.threads).await?;
            }
        }
        done.push(refreshed);
    }
    Ok(done)
}

/// The units of each year, with the condition that selects their rows.
fn by_year(units: &[Unit]) -> Vec<(String, Vec<Unit>)> {
    let mut years: BTreeMap<Option<i32>, Vec<Unit>> = BTreeMap::new();
    for unit in units {
        years.entry(unit.partition.first().copied()).or_default().push(unit.clone());
    }
    let condition = |year: Option<i32>, units: &[Unit]| {
        let Some(year) = year else { return String::new() };
        let regions: Vec<String> =
            units.iter().filter_map(|unit| unit.partition.get(1)).map(i32::to_string).collect();
        format!(" where year = {year} and region in ({})", regions.join(", "))
    };
    years.into_iter().map(|(year, units)| (condition(year, &units), units)).collect()
}
