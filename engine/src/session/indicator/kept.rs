//! Answers that stay in memory, so that the same question is neither planned nor computed again.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_expr::expressions::col;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, Partitioning, PlanProperties,
};
use futures::TryStreamExt;

use crate::operator::over_input;
use crate::session::rollups::Kept;

/// Passes the rows of an answer on, and keeps them once all are there.
#[derive(Debug)]
pub struct KeptExec {
    input: Arc<dyn ExecutionPlan>,
    name: String,
    kept: Option<Kept>,
    properties: Arc<PlanProperties>,
}

impl KeptExec {
    /// Over the plan that computes the answer; `kept` is none where the plan reads what was kept.
    #[must_use]
    pub fn new(input: Arc<dyn ExecutionPlan>, name: &str, kept: Option<Kept>) -> Self {
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(input.schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        ));
        Self { input, name: name.to_owned(), kept, properties }
    }
}

/// The columns of `schema` of a plan that has them all.
///
/// # Errors
/// When it lacks one.
pub fn projected(plan: Arc<dyn ExecutionPlan>, schema: &SchemaRef) -> Result<Arc<dyn ExecutionPlan>> {
    let found = plan.schema();
    let columns = schema
        .fields()
        .iter()
        .map(|field| Ok(ProjectionExpr::new(col(field.name(), &found)?, field.name().clone())));
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Result<Vec<_>>>()?, plan)?))
}

impl DisplayAs for KeptExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.kept.is_some() { "to be kept" } else { "from memory" };
        write!(f, "KeptExec: {}, {what}", self.name)
    }
}

impl ExecutionPlan for KeptExec {
    fn name(&self) -> &'static str {
        "KeptExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn required_input_distribution(&self) -> Vec<Distribution> {
        vec![Distribution::SinglePartition]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    over_input!(|this, input| Self::new(input, &this.name, this.kept.clone()));

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = self.schema();
        let mut input = Arc::clone(&self.input);
        if input.properties().output_partitioning().partition_count() != 1 {
            input = Arc::new(CoalescePartitionsExec::new(input));
        }
        let rows = input.execute(0, context)?;
        let Some(kept) = self.kept.clone() else { return Ok(rows) };
        let found = Arc::clone(&schema);
        // An answer is small; it is kept only when it is whole.
        let stream = futures::stream::once(async move {
            let rows: Vec<_> = rows.try_collect().await?;
            kept.keep(&found, &rows)?;
            Ok::<_, DataFusionError>(futures::stream::iter(rows.into_iter().map(Ok)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream.try_flatten())))
    }
}
