//! Indicators of one answer, computed one after another.
//!
//! A union polls all its inputs at once, so a question about ten indicators of a whole country held the
//! intermediate rows of all ten. Each plan uses every thread already; in turn they need the memory of
//! the largest only.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, reset_plan_states};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, collect,
};
use futures::TryStreamExt;
use tokio::sync::Semaphore;

use crate::operator::over_finished_plan;

/// A plan that runs when its turn has come.
#[derive(Debug)]
pub struct QueuedExec {
    plan: Arc<dyn ExecutionPlan>,
    turn: Arc<Semaphore>,
    properties: Arc<PlanProperties>,
}

impl QueuedExec {
    /// Plans that take turns.
    #[must_use]
    pub fn all(plans: Vec<Arc<dyn ExecutionPlan>>) -> Vec<Arc<dyn ExecutionPlan>> {
        let turn = Arc::new(Semaphore::new(1));
        let queued = |plan: Arc<dyn ExecutionPlan>| -> Arc<dyn ExecutionPlan> {
            let properties = Arc::new(PlanProperties::new(
                EquivalenceProperties::new(plan.schema()),
                Partitioning::UnknownPartitioning(1),
                EmissionType::Final,
                Boundedness::Bounded,
            ));
            Arc::new(Self { plan, turn: Arc::clone(&turn), properties })
        };
        plans.into_iter().map(queued).collect()
    }
}

impl DisplayAs for QueuedExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QueuedExec")
    }
}

impl ExecutionPlan for QueuedExec {
    fn name(&self) -> &'static str {
        "QueuedExec"
    }

    // The plan is finished; it runs as a whole under its turn.
    over_finished_plan!();

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (plan, turn) = (Arc::clone(&self.plan), Arc::clone(&self.turn));
        let stream = futures::stream::once(async move {
            let mine = turn.acquire_owned().await.map_err(|error| DataFusionError::External(error.into()))?;
            // The values are few; the turn ends before they are handed over, so that nobody who waits for
            // rows of another indicator waits for ever.
            let batches = collect(reset_plan_states(plan)?, context).await?;
            drop(mine);
            Ok::<_, DataFusionError>(futures::stream::iter(batches.into_iter().map(Ok::<RecordBatch, _>)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream.try_flatten())))
    }
}
