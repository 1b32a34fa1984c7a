//! Schemas of a caller's catalog: the names of the definer's, each under its rule.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::datasource::ViewTable;
use datafusion::prelude::{SessionContext, lit};
use tokio::sync::OnceCell;

use super::caller::{Caller, Role};
use super::definer::Definer;
use super::error::{NotAllowed, sealed};
use super::rules::{self, Right};
use super::secure::SecureTable;
use super::{mask, rows};
use crate::definitions::Definitions;
use crate::session::identity::Identity;
use crate::session::views::{SessionStateSlot, ViewSchema};

/// Who names an object.
#[derive(Clone)]
pub(in crate::session) enum Side {
    /// A statement of the caller's. It keeps alive the session in which views are planned over its rows.
    Outside(
        #[allow(dead_code, reason = "it is held, not read: a view finds it through a weak handle")]
        SessionContext,
    ),
    /// A view that is computed over the caller's rows.
    Inside,
}

/// What the schemas of one catalog share.
pub(in crate::session) struct Guard {
    caller: Caller,
    definer: Definer,
    definitions: Arc<Definitions>,
    /// State of the session in which views are planned over the caller's rows.
    inside: Arc<SessionStateSlot>,
    side: Side,
    /// Regions of an organisation, looked up when first needed.
    regions: OnceCell<Vec<i32>>,
}

impl Guard {
    pub(in crate::session) fn new(
        caller: Caller,
        definer: Definer,
        definitions: Arc<Definitions>,
        inside: Arc<SessionStateSlot>,
        side: Side,
    ) -> Self {
        Self { caller, definer, definitions, inside, side, regions: OnceCell::new() }
    }

    fn right(&self, schema: &str, name: &str, whole: &ViewSchema) -> Right {
        let role = self.caller.role();
        let is_static = whole.is_table(name) && schema == "ref";
        match self.side {
            Side::Outside(_) => match rules::right(role, schema, name, is_static) {
                // Of a form that does not say whose its rows are nothing is shown.
                Right::Scoped | Right::Own if self.is_unanswerable(schema, name) => Right::Nothing,
                right => right,
            },
            Side::Inside => rules::right_inside(role, schema, name, is_static, whole.text(name).is_some()),
        }
    }

    fn is_unanswerable(&self, schema: &str, name: &str) -> bool {
        let form = self.definitions.forms.iter().find(|form| form.table() == name);
        match (schema, form) {
            ("raw" | "staging", Some(form)) => rows::of_form(form, &self.caller).is_none(),
            ("raw" | "staging", None) => true,
            _ => false,
        }
    }

    async fn regions(&self) -> Result<&[i32]> {
        let look = || async {
            let Some(sql) = rows::regions_of(&self.caller) else { return Ok(Vec::new()) };
            let mut regions = Vec::new();
            for batch in self.definer.rows(&sql).await? {
                let column = cast(batch.column(0), &DataType::Int32)?;
                regions.extend(column.as_primitive::<Int32Type>().iter().flatten());
            }
            Ok::<_, DataFusionError>(regions)
        };
        self.regions.get_or_try_init(look).await.map(Vec::as_slice)
    }
}

/// One schema.
pub(super) struct GuardedSchema {
    name: &'static str,
    whole: Arc<ViewSchema>,
    guard: Arc<Guard>,
    planned: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
}

impl GuardedSchema {
    pub(super) fn new(name: &'static str, whole: Arc<ViewSchema>, guard: Arc<Guard>) -> Self {
        Self { name, whole, guard, planned: Mutex::default() }
    }

    fn planned(&self) -> MutexGuard<'_, BTreeMap<String, Arc<dyn TableProvider>>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn right(&self, name: &str) -> Right {
        self.guard.right(self.name, name, &self.whole)
    }

    /// The object under its rule.
    async fn shown(&self, name: &str) -> Result<Arc<dyn TableProvider>> {
        let object = format!("{}.{name}", self.name);
        let definer = &self.guard.definer;
        let everything = format!("select * from {}.\"{name}\"", self.name);
        Ok(match self.right(name) {
            Right::Nothing => return Err(self.refusal(name)),
            Right::AsIs => match self.whole.table(name).await.map_err(|error| sealed(&object, error))? {
                Some(table) => table,
                None => return Err(self.refusal(name)),
            },
            Right::Own => {
                let Some(sql) = self.whole.text(name) else { return Err(self.refusal(name)) };
                let state = self.guard.inside.get()?;
                let plan = Box::pin(state.create_logical_plan(sql)).await;
                // The text of the view stays out of what is told about it.
                Arc::new(ViewTable::new(plan.map_err(|error| sealed(&object, error))?, None))
            }
            Right::Whole => Arc::new(SecureTable::plan(&object, definer, &everything).await?.whole()),
            Right::Scoped => Arc::new(self.scoped(&object, name, &everything).await?),
            Right::Units => Arc::new(self.of_units(&object, &everything).await?),
        })
    }

    async fn scoped(&self, object: &str, name: &str, everything: &str) -> Result<SecureTable> {
        let Guard { caller, definer, definitions, .. } = self.guard.as_ref();
        let nothing = || format!("{everything} where false");
        if self.name != "raw" {
            let sql = rows::of_ledger(object, caller).unwrap_or_else(nothing);
            return SecureTable::plan(object, definer, &sql).await;
        }
        let form = definitions.forms.iter().find(|form| form.table() == name);
        let condition = form.and_then(|form| rows::of_form(form, caller));
        let sql =
            condition.as_ref().map_or_else(nothing, |condition| format!("{everything} where {condition}"));
        let table = SecureTable::plan(object, definer, &sql).await?;
        let table = if condition.as_deref() == Some("true") { table.whole() } else { table };
        Ok(match (caller.role(), form) {
            (Role::Researcher, Some(form)) => table.masked(mask::of_form(form, caller.name(), caller.mask())),
            _ => table,
        })
    }

    async fn of_units(&self, object: &str, everything: &str) -> Result<SecureTable> {
        let Guard { caller, definer, .. } = self.guard.as_ref();
        let table = SecureTable::plan(object, definer, everything).await?;
        let schema = table.schema();
        let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let regions = self.guard.regions().await.map_err(|error| sealed(object, error))?;
        let condition = rows::of_units(caller, regions, &columns).unwrap_or_else(|| "false".to_owned());
        let table = SecureTable::plan(object, definer, &format!("{everything} where {condition}")).await?;
        let hidden = rows::OF_OTHERS.iter().filter_map(|name| schema.field_with_name(name).ok());
        let masks = hidden.map(|field| {
            let null = ScalarValue::try_from(field.data_type())?;
            Ok((field.name().clone(), lit(null)))
        });
        Ok(table.masked(masks.collect::<Result<_>>()?))
    }

    fn refusal(&self, name: &str) -> DataFusionError {
        let table = format!("{}.{name}", self.name);
        DataFusionError::External(Box::new(NotAllowed { table, role: self.guard.caller.role() }))
    }

    fn is_shown(&self, name: &str) -> bool {
        self.whole.is_known(name) && self.right(name) != Right::Nothing
    }
}

impl fmt::Debug for GuardedSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedSchema").field("name", &self.name).finish_non_exhaustive()
    }
}

#[async_trait]
impl SchemaProvider for GuardedSchema {
    fn table_names(&self) -> Vec<String> {
        let mut names = self.whole.table_names();
        names.retain(|name| self.is_shown(name));
        names.extend(self.planned().keys().cloned());
        names.sort();
        names.dedup();
        names
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        if let Some(table) = self.planned().get(name) {
            return Ok(Some(Arc::clone(table)));
        }
        if !self.whole.is_known(name) {
            return Ok(None);
        }
        let table = Box::pin(self.shown(name)).await?;
        self.planned().insert(name.to_owned(), Arc::clone(&table));
        Ok(Some(table))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.is_shown(name) || self.planned().contains_key(name)
    }

    /// A table of the caller's (`--with`); the lake's own names are taken.
    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> Result<Option<Arc<dyn TableProvider>>> {
        if let Some(identity) = self.guard.inside.get()?.config().get_extension::<Identity>() {
            identity.has_got(table.as_ref());
        }
        if self.whole.is_known(&name) {
            return Err(DataFusionError::Plan(format!("{name} is a name of the lake's own; choose another")));
        }
        Ok(self.planned().insert(name, table))
    }
}
