//! SQL views of `sql/`, planned when first named.
//!
//! `sql/staging/x.sql` is `staging.x`, and so on; `sql/dynamics`, `sql/rankings` and
//! `sql/mart` are views of schema `mart`. Planning all of them would cost a process that
//! asks one question more than the question.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::ViewTable;
use datafusion::execution::SessionState;

use super::constant::{ConstantView, is_constant};
use super::error::SessionError;
use super::identity::Identity;
use super::rollups::Rollups;
use super::{SCHEMAS, ratings};
use crate::config::Lens;
use crate::definitions::{Assets, Definitions};

/// `ref.boundary` where every year is shown in one vintage.
const UNCHANGED: &str = "select year, geo_id, tier, 1 as boundary_version from ref.geo_year";

/// Folder of `sql/` and the schema its views belong to.
pub const FOLDERS: [(&str, &str); 8] = [
    ("staging", "staging"),
    ("measures", "measures"),
    ("ref", "ref"),
    ("gov", "gov"),
    ("meta", "meta"),
    ("mart", "mart"),
    ("dynamics", "mart"),
    ("rankings", "mart"),
];

/// The views of one schema: name and SQL text.
#[must_use]
pub fn of_schema(assets: &Assets, schema: &str) -> BTreeMap<String, String> {
    let mut views = BTreeMap::new();
    for (folder, target) in FOLDERS {
        if target != schema {
            continue;
        }
        let prefix = format!("sql/{folder}/");
        for (path, bytes) in assets.under(&prefix) {
            let name = path.strip_prefix(&prefix).and_then(|file| file.strip_suffix(".sql"));
            if let (Some(name), Ok(text)) = (name, std::str::from_utf8(bytes)) {
                views.insert(name.to_owned(), text.trim().trim_end_matches(';').to_owned());
            }
        }
    }
    views
}

/// The views of every schema of a session.
///
/// # Errors
/// When the ratings, whose input is a view of its own, cannot be read.
pub fn all(
    definitions: &Definitions,
    lens: &Lens,
) -> Result<BTreeMap<&'static str, BTreeMap<String, String>>, SessionError> {
    let mut all: BTreeMap<_, _> =
        SCHEMAS.into_iter().map(|schema| (schema, of_schema(&definitions.assets, schema))).collect();
    let mut add = |schema, name: &str, text| {
        all.entry(schema).or_default().insert(name.to_owned(), text);
    };
    add("mart", "rating_input", ratings::input(&definitions.assets)?);
    if lens.vintage.is_some() {
        // In one vintage no unit changes its territory.
        add("ref", "boundary", UNCHANGED.to_owned());
    }
    Ok(all)
}

/// A schema of tables and of views planned on demand.
pub struct ViewSchema {
    tables: BTreeMap<String, Arc<dyn TableProvider>>,
    views: BTreeMap<String, String>,
    planned: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
    state: Arc<SessionStateSlot>,
    /// Where the views are measure sets, their rollups.
    rollups: Option<Arc<Rollups>>,
    /// Whether its views may rest on reference facts alone.
    is_reference: bool,
}

/// Filled once the session exists.
#[derive(Default)]
pub struct SessionStateSlot {
    state: std::sync::OnceLock<Box<dyn Fn() -> Option<SessionState> + Send + Sync>>,
}

impl SessionStateSlot {
    /// Say where the state is to be had; only the first call counts.
    pub fn fill(&self, state: impl Fn() -> Option<SessionState> + Send + Sync + 'static) {
        let _ = self.state.set(Box::new(state));
    }

    /// The state.
    ///
    /// # Errors
    /// Outside a session.
    pub fn get(&self) -> Result<SessionState> {
        self.state
            .get()
            .and_then(|state| state())
            .ok_or_else(|| DataFusionError::Internal("a view was named outside a session".to_owned()))
    }
}

impl ViewSchema {
    /// A schema of these tables and views; where both have a name the table wins.
    #[must_use]
    pub fn new(
        tables: BTreeMap<String, Arc<dyn TableProvider>>,
        views: BTreeMap<String, String>,
        state: Arc<SessionStateSlot>,
    ) -> Self {
        Self { tables, views, planned: Mutex::default(), state, rollups: None, is_reference: false }
    }

    /// The same, its views read from rollups where there are any.
    #[must_use]
    pub fn with_rollups(self, rollups: Option<Arc<Rollups>>) -> Self {
        Self { rollups, ..self }
    }

    /// The same, of reference facts: views of those alone are computed once.
    #[must_use]
    pub fn of_reference(self, is_reference: bool) -> Self {
        Self { is_reference, ..self }
    }

    /// Whether the name is a table's, made from definitions or from files of the lake.
    #[must_use]
    pub fn is_table(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }

    /// Whether the lake itself has a table or view of this name.
    #[must_use]
    pub fn is_known(&self, name: &str) -> bool {
        self.is_table(name) || self.views.contains_key(name)
    }

    /// SQL of a view; `None` for tables and unknown names.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        if self.is_table(name) { None } else { self.views.get(name).map(String::as_str) }
    }

    /// Views planned so far, and tables of the caller's.
    fn planned(&self) -> MutexGuard<'_, BTreeMap<String, Arc<dyn TableProvider>>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ViewSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewSchema")
            .field("tables", &self.tables.keys())
            .field("views", &self.views.keys())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl SchemaProvider for ViewSchema {
    fn table_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.tables.keys().chain(self.views.keys()).cloned().collect();
        names.sort();
        names.dedup();
        names
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        if let Some(table) = self.tables.get(name) {
            return Ok(Some(Arc::clone(table)));
        }
        if let Some(view) = self.planned().get(name) {
            return Ok(Some(Arc::clone(view)));
        }
        let Some(sql) = self.views.get(name) else { return Ok(None) };
        let state = self.state.get()?;
        let plan = Box::pin(state.create_logical_plan(sql)).await?;
        let mut view: Arc<dyn TableProvider> = Arc::new(ViewTable::new(plan.clone(), Some(sql.clone())));
        if let Some(rollups) = &self.rollups
            && let Some(table) = rollups.over(&state, name, &plan, &view).await?
        {
            view = table;
        }
        if self.is_reference && is_constant(&plan)? {
            view = Arc::new(ConstantView::of(&state, &plan, sql).await?);
        }
        self.planned().insert(name.to_owned(), Arc::clone(&view));
        Ok(Some(view))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.contains_key(name) || self.views.contains_key(name) || self.planned().contains_key(name)
    }

    /// A table of the caller's (`--with`); the lake's own names are taken.
    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> Result<Option<Arc<dyn TableProvider>>> {
        if let Some(identity) = self.state.get()?.config().get_extension::<Identity>() {
            identity.has_got(table.as_ref());
        }
        if self.table_exist(&name) {
            return Err(DataFusionError::Plan(format!("{name} is a name of the lake's own; choose another")));
        }
        Ok(self.planned().insert(name, table))
    }
}
