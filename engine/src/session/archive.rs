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
use datafusion::prelude::SessionContext;

use super::functions::YearStatus;
use super::policy::{Caller, Definer, Guard, Side, guarded, sealed};
use super::views::{SessionStateSlot, ViewSchema};
use super::{SCHEMAS, SessionError, schemas};
use crate::config::Lens;
use crate::definitions::{Assets, Definitions};
use crate::error::chain;
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

    /// Where views of this catalog find their state, given where the session's is.
    fn slot(&self, session: &Arc<SessionStateSlot>) -> Arc<SessionStateSlot> {
        let (session, own) = (Arc::clone(session), self.clone());
        let slot = Arc::new(SessionStateSlot::default());
        slot.fill(move || own.state(&session.get().ok()?).ok());
        slot
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
    opened: Arc<Opened>,
    schemas: BTreeMap<&'static str, Arc<LazySchema>>,
}

impl ArchiveCatalog {
    /// The catalog; `state` is where the session's state is to be had.
    #[must_use]
    pub fn new(archive: ArchiveRef, state: &Arc<SessionStateSlot>, lens: &Lens) -> Self {
        // What was fixed stands in the division of its year.
        let lens = Lens { vintage: None, ..lens.clone() };
        let opened = Arc::new(Opened { archive, state: Arc::clone(state), lens, parts: OnceLock::new() });
        Self::over(opened, None)
    }

    /// The same archive as a caller sees it: its schemas under the rules of today, its forms as they were.
    pub(super) fn guarded(
        &self,
        caller: &Caller,
        definer: &SessionContext,
        inside: &Arc<SessionStateSlot>,
        side: &Side,
    ) -> Self {
        let guarded = Guarded {
            caller: caller.clone(),
            definer: definer.clone(),
            inside: Arc::clone(inside),
            side: side.clone(),
            schemas: OnceLock::new(),
        };
        Self::over(Arc::clone(&self.opened), Some(&Arc::new(guarded)))
    }

    fn over(opened: Arc<Opened>, guarded: Option<&Arc<Guarded>>) -> Self {
        let schema = |name| {
            let schema = LazySchema { name, opened: Arc::clone(&opened), guarded: guarded.map(Arc::clone) };
            (name, Arc::new(schema))
        };
        let schemas = SCHEMAS.into_iter().map(schema).collect();
        Self { opened, schemas }
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

/// What is in an archive.
struct Parts {
    schemas: BTreeMap<&'static str, Arc<ViewSchema>>,
    definitions: Arc<Definitions>,
    scope: Scope,
}

/// An archive, read once.
struct Opened {
    archive: ArchiveRef,
    state: Arc<SessionStateSlot>,
    lens: Lens,
    parts: OnceLock<Result<Parts, String>>,
}

impl Opened {
    fn parts(&self) -> Result<&Parts> {
        let parts = self.parts.get_or_init(|| self.open().map_err(|error| chain(&error)));
        parts.as_ref().map_err(|problem| {
            DataFusionError::Plan(format!("{} cannot be read: {problem}", self.archive.catalog()))
        })
    }

    fn open(&self) -> Result<Parts, SessionError> {
        let (snapshot, files) = self.archive.open()?;
        let definitions = Arc::new(Definitions::from_assets(Assets::from_map(files))?);
        let scope = Scope::new(self.archive.catalog(), snapshot.final_years());
        let slot = scope.slot(&self.state);
        let schemas = schemas(&definitions, &snapshot, &slot, Some(&scope), &self.lens, None)?;
        Ok(Parts { schemas, definitions, scope })
    }
}

/// An archive under the rules of a caller.
struct Guarded {
    caller: Caller,
    definer: SessionContext,
    inside: Arc<SessionStateSlot>,
    side: Side,
    schemas: OnceLock<BTreeMap<&'static str, Arc<dyn SchemaProvider>>>,
}

impl Guarded {
    fn schema(&self, opened: &Opened, name: &str) -> Result<Option<Arc<dyn SchemaProvider>>> {
        let parts = opened.parts().map_err(|error| sealed(&opened.archive.catalog(), error))?;
        let guard = || {
            let definer = Definer::new(self.definer.clone(), Some(parts.scope.clone()));
            let (definitions, views) = (Arc::clone(&parts.definitions), parts.scope.slot(&self.inside));
            let guard = Guard::new(self.caller.clone(), definer, definitions, views, self.side.clone());
            guarded(&parts.schemas, &Arc::new(guard))
        };
        Ok(self.schemas.get_or_init(guard).get(name).map(Arc::clone))
    }
}

/// A schema that reads its archive when it is first asked for something.
struct LazySchema {
    name: &'static str,
    opened: Arc<Opened>,
    guarded: Option<Arc<Guarded>>,
}

impl LazySchema {
    fn schema(&self) -> Result<Arc<dyn SchemaProvider>> {
        let schema = match &self.guarded {
            Some(guarded) => guarded.schema(&self.opened, self.name)?,
            None => self.opened.parts()?.schemas.get(self.name).map(|schema| Arc::clone(schema) as _),
        };
        schema
            .ok_or_else(|| DataFusionError::Internal(format!("an archive without the schema {}", self.name)))
    }
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
        self.schema()?.table(name).await
    }

    fn table_exist(&self, name: &str) -> bool {
        self.schema().is_ok_and(|schema| schema.table_exist(name))
    }
}
