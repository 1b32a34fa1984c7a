//! A step that many selects read and that is computed once.
//!
//! The engine inlines a CTE into each of its readers; an indicator in all tiers and
//! breakdowns would scan its facts dozens of times. A shared step is planned once, run by
//! whichever reader comes first, and kept for the others of the same plan.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider,
    Session, TableProvider,
};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::{SendableRecordBatchStream, SessionState, SessionStateBuilder, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, reset_plan_states};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, collect,
};
use futures::{StreamExt, TryStreamExt};
use tokio::sync::OnceCell;

use crate::operator::over_finished_plan;
use crate::rollup::mentions;
use crate::session::rollups::Kept;

/// Catalog and schema under which the shared steps of one scan are named.
const CATALOG: &str = "shared";
const SCHEMA: &str = "step";

/// Rows of a step, once some reader has computed them.
pub type StepRows = Arc<OnceCell<Vec<RecordBatch>>>;

/// The shared steps of one scan.
#[derive(Debug, Default)]
pub struct SharedSteps {
    schema: Arc<MemorySchemaProvider>,
}

impl SharedSteps {
    /// Plan a step and give the name by which selects read it; rows that are kept are not computed again.
    ///
    /// # Errors
    /// When the step cannot be planned or the name is taken.
    pub async fn add(
        &self,
        state: &SessionState,
        name: &str,
        sql: &str,
        kept: Option<Kept>,
    ) -> Result<String> {
        let found = kept.as_ref().and_then(|kept| in_memory(kept).transpose()).transpose()?;
        let (plan, kept, shown) = if let Some(plan) = found {
            (plan, None, ", in memory".to_owned())
        } else {
            let logical = Box::pin(state.create_logical_plan(sql)).await?;
            let plan = Box::pin(state.create_physical_plan(&logical)).await?;
            let mentioned = mentions(plan.as_ref());
            let shown = mentioned.iter().fold(String::new(), |all, one| format!("{all}, rollup: {one}"));
            (plan, kept, shown)
        };
        let table = SharedTable { name: name.to_owned(), plan, kept, shown, rows: Arc::default() };
        self.schema.register_table(name.to_owned(), Arc::new(table))?;
        Ok(format!("{CATALOG}.{SCHEMA}.{name}"))
    }

    /// The session's state with the steps in sight.
    ///
    /// # Errors
    /// When the schema cannot be registered.
    pub fn overlay(&self, state: &SessionState) -> Result<SessionState> {
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::clone(&self.schema) as Arc<dyn SchemaProvider>)?;
        let list = Overlay { base: Arc::clone(state.catalog_list()), steps: Arc::new(catalog) };
        Ok(SessionStateBuilder::new_from_existing(state.clone()).with_catalog_list(Arc::new(list)).build())
    }
}

#[derive(Debug)]
struct Overlay {
    base: Arc<dyn CatalogProviderList>,
    steps: Arc<dyn CatalogProvider>,
}

impl CatalogProviderList for Overlay {
    fn register_catalog(&self, _: String, _: Arc<dyn CatalogProvider>) -> Option<Arc<dyn CatalogProvider>> {
        None
    }

    fn catalog_names(&self) -> Vec<String> {
        self.base.catalog_names()
    }

    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        if name == CATALOG { Some(Arc::clone(&self.steps)) } else { self.base.catalog(name) }
    }
}

/// A plan over the rows kept of a statement.
pub fn in_memory(kept: &Kept) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(rows) = kept.rows() else { return Ok(None) };
    let Some(first) = rows.first() else { return Ok(None) };
    let plan = MemorySourceConfig::try_new_exec(&[rows.to_vec()], first.schema(), None)?;
    Ok(Some(plan))
}

#[derive(Debug)]
struct SharedTable {
    name: String,
    plan: Arc<dyn ExecutionPlan>,
    kept: Option<Kept>,
    /// What `EXPLAIN` says of its rollups.
    shown: String,
    rows: StepRows,
}

#[async_trait]
impl TableProvider for SharedTable {
    fn schema(&self) -> SchemaRef {
        self.plan.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(projection) => Arc::new(self.plan.schema().project(projection)?),
            None => self.plan.schema(),
        };
        Ok(Arc::new(SharedExec {
            name: self.name.clone(),
            plan: Arc::clone(&self.plan),
            kept: self.kept.clone(),
            shown: self.shown.clone(),
            rows: Arc::clone(&self.rows),
            projection: projection.cloned(),
            properties: Arc::new(PlanProperties::new(
                EquivalenceProperties::new(schema),
                Partitioning::UnknownPartitioning(1),
                EmissionType::Final,
                Boundedness::Bounded,
            )),
        }))
    }
}

/// Reads the rows of a shared step, computing them if nobody has.
#[derive(Debug)]
pub struct SharedExec {
    name: String,
    plan: Arc<dyn ExecutionPlan>,
    kept: Option<Kept>,
    shown: String,
    rows: StepRows,
    projection: Option<Vec<usize>>,
    properties: Arc<PlanProperties>,
}

impl SharedExec {
    /// The plan of the step.
    pub fn plan(&self) -> &Arc<dyn ExecutionPlan> {
        &self.plan
    }

    /// The same reader over a step that has not run; readers of the same rows share those in `rows` again.
    pub fn renewed(&self, plan: Arc<dyn ExecutionPlan>, rows: &mut HashMap<usize, StepRows>) -> Self {
        let step = Arc::as_ptr(&self.rows).addr();
        Self {
            name: self.name.clone(),
            plan,
            kept: self.kept.clone(),
            shown: self.shown.clone(),
            rows: Arc::clone(rows.entry(step).or_default()),
            projection: self.projection.clone(),
            properties: Arc::clone(&self.properties),
        }
    }
}

impl DisplayAs for SharedExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedExec: step={}{}", self.name, self.shown)
    }
}

impl ExecutionPlan for SharedExec {
    fn name(&self) -> &'static str {
        "SharedExec"
    }

    // The step has a plan of its own; optimizer rules of the readers must not reach into it,
    // or each reader would get its own.
    over_finished_plan!();

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = Arc::clone(&self.rows);
        let plan = Arc::clone(&self.plan);
        let (projection, kept) = (self.projection.clone(), self.kept.clone());
        let stream = futures::stream::once(async move {
            // A reader that stops early cancels the work it began, and a plan that has run is used up:
            // whoever begins anew needs it as it was.
            let compute = || async {
                // Somebody may have computed them since this was planned.
                if let Some(rows) = kept.as_ref().and_then(Kept::rows) {
                    return Ok(rows.to_vec());
                }
                let schema = plan.schema();
                let rows = collect(reset_plan_states(plan)?, context).await?;
                if let Some(kept) = kept {
                    kept.keep(&schema, &rows)?;
                }
                Ok::<_, DataFusionError>(rows)
            };
            let batches = rows.get_or_try_init(compute).await?.clone();
            let batches: Vec<Result<RecordBatch>> = batches
                .into_iter()
                .map(|batch| match &projection {
                    Some(columns) => batch.project(columns).map_err(DataFusionError::from),
                    None => Ok(batch),
                })
                .collect();
            Ok::<_, DataFusionError>(futures::stream::iter(batches))
        })
        .try_flatten()
        .boxed();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream)))
    }
}
