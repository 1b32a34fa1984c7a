//! Frozen years as catalogs, with the tables, views and definitions of their time.
//!
//! Nothing of an archive is read before one of its schemas is asked for a table: a session over a lake
//! of many years opens as fast as over one of none.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{FunctionRegistry, SessionState, SessionStateBuilder};
use datafusion::logical_expr::ScalarUDF;

use super::functions::YearStatus;
use super::views::SessionStateSlot;
use super::{SCHEMAS, SessionError, schemas};
use crate::config::Lens;
use crate::definitions::{Assets, Definitions};
use crate::lake::archive::ArchiveRef;

/// In which catalog the names of a view are looked up, and which years are final there.
#[derive(Debug, Clone)]
pub struct Scope {
    catalog: String,
    status: Arc<ScalarUDF>,
}

impl Scope {
    fn new(catalog: String, final_years: impl Iterator<Item = i32>) -> Self {
        Self { catalog, status: Arc::new(ScalarUDF::from(YearStatus::new(final_years))) }
    }

    /// The session's state as statements of this catalog see it.
    ///
    /// # Errors
    /// When the function cannot be registered.
    pub fn state(&self, state: &SessionState) -> Result<SessionState> {
        let config = state.config().clone().with_default_catalog_and_schema(&self.catalog, "mart");
        let mut state = SessionStateBuilder::new_from_existing(state.clone()).with_config(config).build();
        state.register_udf(Arc::clone(&self.status))?;
        Ok(state)
    }
}

/// The catalog of one archive.
pub struct ArchiveCatalog {
    schemas: BTreeMap<&'static str, Arc<LazySchema>>,
}

impl ArchiveCatalog {
    /// The catalog; `state` is where the session's state is to be had.
    #[must_use]
    pub fn new(archive: ArchiveRef, state: &Arc<SessionStateSlot>, lens: &Lens) -> Self {
        // What was fixed stands in the division of its year.
        let lens = Lens { vintage: None, ..lens.clone() };
        let opened = Arc::new(Opened { archive, state: Arc::clone(state), lens, schemas: OnceLock::new() });
        let schema = |name| (name, Arc::new(LazySchema { name, opened: Arc::clone(&opened) }));
        Self { schemas: SCHEMAS.into_iter().map(schema).collect() }
    }
}

impl fmt::Debug for ArchiveCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveCatalog").finish_non_exhaustive()
    }
}

impl CatalogProvider for ArchiveCatalog {
    fn schema_names(&self) -> Vec<String> {
        self.schemas.keys().map(|name| (*name).to_owned()).collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        self.schemas.get(name).map(|schema| Arc::clone(schema) as _)
    }
}

type Schemas = BTreeMap<&'static str, Arc<dyn SchemaProvider>>;

/// An archive, read once.
struct Opened {
    archive: ArchiveRef,
    state: Arc<SessionStateSlot>,
    lens: Lens,
    schemas: OnceLock<Result<Schemas, String>>,
}

impl Opened {
    fn schema(&self, name: &str) -> Result<Arc<dyn SchemaProvider>> {
        let opened = self.schemas.get_or_init(|| self.open().map_err(|error| chain(&error)));
        let schemas = opened.as_ref().map_err(|problem| {
            DataFusionError::Plan(format!("{} cannot be read: {problem}", self.archive.catalog()))
        })?;
        let schema = schemas.get(name).map(Arc::clone);
        schema.ok_or_else(|| DataFusionError::Internal(format!("an archive without the schema {name}")))
    }

    fn open(&self) -> Result<Schemas, SessionError> {
        let (snapshot, files) = self.archive.open()?;
        let definitions = Arc::new(Definitions::from_assets(Assets::from_map(files))?);
        let scope = Scope::new(self.archive.catalog(), snapshot.final_years());
        let (session, own) = (Arc::clone(&self.state), scope.clone());
        let slot = Arc::new(SessionStateSlot::default());
        slot.fill(move || own.state(&session.get().ok()?).ok());
        schemas(&definitions, &snapshot, &slot, Some(&scope), &self.lens, None)
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// A schema that reads its archive when it is first asked for something.
struct LazySchema {
    name: &'static str,
    opened: Arc<Opened>,
}

impl fmt::Debug for LazySchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazySchema").field("name", &self.name).finish_non_exhaustive()
    }
}

#[async_trait]
impl SchemaProvider for LazySchema {
    /// None: `information_schema` plans every view it is told of, and would read every archive of the lake for
    /// whoever lists the live tables. An archive has the names of its time; `archive_2024.meta.view` lists its views.
    fn table_names(&self) -> Vec<String> {
        Vec::new()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        self.opened.schema(self.name)?.table(name).await
    }

    fn table_exist(&self, name: &str) -> bool {
        self.opened.schema(self.name).is_ok_and(|schema| schema.table_exist(name))
    }
}
