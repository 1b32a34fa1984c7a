//! Joins that let others run.
//!
//! The engine counts what its sources give, and a join that makes millions of rows of one batch would neither end when
//! it is cancelled nor leave its thread to anybody meanwhile. Joins that multiply yield after a number of batches
//! they give; a nested loop join, which may give none for minutes, probes with small pieces and yields before each.

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{StreamExt, TryStreamExt};

use crate::operator::over_input;

/// Rows of a piece: with a million rows on the other side a second of work, with one row no burden.
const PIECE_ROWS: usize = 1024;

/// The plan with joins that yield.
pub(super) fn yielding(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    const MULTIPLY: [&str; 4] = ["CrossJoinExec", "NestedLoopJoinExec", "HashJoinExec", "UnnestExec"];
    let made = plan.transform_up(|step| {
        if !MULTIPLY.contains(&step.name()) {
            return Ok(Transformed::no(step));
        }
        let mut step = step;
        if step.name() == "NestedLoopJoinExec" {
            // The other side is collected whole, and a piece would count as large as the batch that it is cut from.
            let mut sides: Vec<Arc<dyn ExecutionPlan>> =
                step.children().into_iter().map(Arc::clone).collect();
            if let Some(probed) = sides.last_mut() {
                *probed = Arc::new(PiecesExec::new(Arc::clone(probed)));
            }
            step = replace_children_if_necessary(step, sides)?;
        }
        let step: Arc<dyn ExecutionPlan> = Arc::new(CooperativeExec::new(step));
        Ok(Transformed::yes(step))
    });
    made.map(|made| made.data)
}

/// Passes rows on in small pieces, and yields before each.
#[derive(Debug)]
struct PiecesExec {
    input: Arc<dyn ExecutionPlan>,
}

impl PiecesExec {
    const fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        Self { input }
    }
}

impl DisplayAs for PiecesExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PiecesExec: rows={PIECE_ROWS}")
    }
}

impl ExecutionPlan for PiecesExec {
    fn name(&self) -> &'static str {
        "PiecesExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    over_input!(|this, input| Self::new(input));

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.input.execute(partition, context)?;
        let schema = rows.schema();
        let pieces = rows.map_ok(|batch| {
            let starts = (0..batch.num_rows()).step_by(PIECE_ROWS);
            let pieces: Vec<_> = starts
                .map(|start| batch.slice(start, PIECE_ROWS.min(batch.num_rows() - start)))
                .map(Ok::<_, DataFusionError>)
                .collect();
            futures::stream::iter(pieces)
        });
        let yielding = pieces.try_flatten().then(|piece| async {
            tokio::task::yield_now().await;
            piece
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, yielding)))
    }
}
