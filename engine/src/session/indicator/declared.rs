//! The declared schema over whatever a statement let the engine conclude.
//!
//! A statement of constants and windows has dozens of equal columns and orderings. Carried into a projection (a
//! union makes one where nullability differs) their combinations took minutes to plan; nothing above needs them.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatchOptions;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures::StreamExt;

use crate::operator::over_input;

/// Passes rows on under a schema of the same types, of which nothing else is known.
#[derive(Debug)]
pub struct DeclaredExec {
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl DeclaredExec {
    /// Over a plan with the same columns.
    #[must_use]
    pub fn new(input: Arc<dyn ExecutionPlan>, schema: &SchemaRef) -> Self {
        let of = input.properties();
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(schema)),
            Partitioning::UnknownPartitioning(of.output_partitioning().partition_count()),
            of.emission_type,
            of.boundedness,
        ));
        Self { input, properties }
    }
}

impl DisplayAs for DeclaredExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeclaredExec")
    }
}

impl ExecutionPlan for DeclaredExec {
    fn name(&self) -> &'static str {
        "DeclaredExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn supports_limit_pushdown(&self) -> bool {
        true
    }

    over_input!(|this, input| Self::new(input, &this.schema()));

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = self.schema();
        let declared = Arc::clone(&schema);
        let rows = self.input.execute(partition, context)?.map(move |batch| {
            let batch = batch?;
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let columns = batch.columns().to_vec();
            Ok(RecordBatch::try_new_with_options(Arc::clone(&declared), columns, &options)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}
