//! One statement of a caller: let in, planned once, with one schema for whoever asks.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, execute_stream};
use datafusion::prelude::SessionContext;

use super::error::{QueryError, execution};
use super::gate::Gate;
use super::yielding::yielding;
use super::{cache, incident, parameters, parse, plan_statement, wire};

/// A statement that has passed the gate.
#[derive(Debug, Clone)]
pub struct Resolved {
    plan: LogicalPlan,
    schema: SchemaRef,
    parameters: SchemaRef,
}

/// Let a statement in and plan it. Takes `?` and `$n` for parameters.
///
/// Planning is deep recursion over the caller's text: run it where the stack is large.
///
/// # Errors
/// [`QueryError`]: what the gate refuses, a syntax error with its place, an unknown table or column with the
/// nearest names.
pub async fn resolve(ctx: &SessionContext, sql: &str, gate: &Gate) -> Result<Resolved, QueryError> {
    gate.check_text(sql)?;
    let sql = parameters::numbered(sql)?;
    let statement = parse(&sql)?;
    gate.check_statement(&statement)?;
    let plan = plan_statement(ctx, statement).await?;
    gate.check_plan(&plan)?;
    let parameters = parameters::schema(&plan)?;
    Ok(Resolved { schema: wire::plain_schema(plan.schema().as_arrow()), plan, parameters })
}

impl Resolved {
    /// Schema of the answer on the wire, the same for every question about this statement.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Parameters still without a value, in the order of their numbers.
    #[must_use]
    pub fn parameters(&self) -> &SchemaRef {
        &self.parameters
    }

    /// Whether it says the same whenever it is run over this lake version.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        cache::is_repeatable(&self.plan)
    }

    /// The statement with values for its parameters: the only row of `values`, by position.
    ///
    /// # Errors
    /// [`QueryError::Parameters`].
    pub fn bind(&self, values: Option<&RecordBatch>) -> Result<Self, QueryError> {
        let plan = parameters::bind(self.plan.clone(), &self.parameters, values)?;
        let schema = wire::plain_schema(plan.schema().as_arrow());
        Ok(Self { plan, schema, parameters: Arc::new(datafusion::arrow::datatypes::Schema::empty()) })
    }

    /// Make the plan that can be run.
    ///
    /// # Errors
    /// [`QueryError::Incident`] when the engine cannot.
    pub async fn prepare(&self, ctx: &SessionContext) -> Result<Answer, QueryError> {
        let plan = ctx.state().create_physical_plan(&self.plan).await.map_err(failed)?;
        let plan = yielding(plan).map_err(failed)?;
        Ok(Answer { plan, schema: Arc::clone(&self.schema) })
    }
}

/// A statement about to run.
#[derive(Debug, Clone)]
pub struct Answer {
    plan: Arc<dyn ExecutionPlan>,
    schema: SchemaRef,
}

impl Answer {
    /// Schema of the answer on the wire; [`super::Shaper`] brings the stream's batches into it.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Run it with the memory and the spill files of `runtime`. Dropping the stream ends it.
    ///
    /// # Errors
    /// [`QueryError::Incident`] when it cannot be started.
    pub fn start(
        &self,
        ctx: &SessionContext,
        runtime: Arc<RuntimeEnv>,
    ) -> Result<SendableRecordBatchStream, QueryError> {
        let stream = execute_stream(Arc::clone(&self.plan), self.task(ctx, runtime)).map_err(failed)?;
        Ok(incident::guard(stream))
    }

    /// Number of parts that can be read independently of each other, in any order and at any time; 1 = one.
    ///
    /// Only of plans whose steps all work row by row on the files of one partition: every other step exchanges
    /// rows between its parts.
    #[must_use]
    pub fn part_count(&self) -> usize {
        if is_independent(&self.plan) { self.plan.output_partitioning().partition_count() } else { 1 }
    }

    /// Run one part of [`Answer::part_count`].
    ///
    /// # Errors
    /// [`QueryError::Incident`] when it cannot be started.
    pub fn start_part(
        &self,
        part: usize,
        ctx: &SessionContext,
        runtime: Arc<RuntimeEnv>,
    ) -> Result<SendableRecordBatchStream, QueryError> {
        let stream = self.plan.execute(part, self.task(ctx, runtime)).map_err(failed)?;
        Ok(incident::guard(stream))
    }

    /// What the plan runs in. Rows that only pass are read in batches of the wire, which then need no putting together.
    fn task(&self, ctx: &SessionContext, runtime: Arc<RuntimeEnv>) -> Arc<TaskContext> {
        let task = TaskContext::from(&ctx.state()).with_runtime(runtime);
        if !is_independent(&self.plan) {
            return Arc::new(task);
        }
        let config = ctx.copied_config().with_batch_size(wire::batch_rows(&self.schema));
        Arc::new(task.with_session_config(config))
    }

    /// Bytes and rows that the answer is estimated to have, where the engine can tell.
    #[must_use]
    pub fn estimate(&self) -> (Option<usize>, Option<usize>) {
        let computed = StatisticsContext::new().compute(self.plan.as_ref(), &StatisticsArgs::new());
        let Ok(statistics) = computed else { return (None, None) };
        (statistics.total_byte_size.get_value().copied(), statistics.num_rows.get_value().copied())
    }
}

/// An error of a running statement, as its caller is told it: of which kind, and under which number.
#[must_use]
pub fn failed(error: DataFusionError) -> QueryError {
    execution(incident::of(error))
}

/// Whether every step reads only the partition of the same number below it.
fn is_independent(plan: &Arc<dyn ExecutionPlan>) -> bool {
    const ROW_BY_ROW: [&str; 5] =
        ["DataSourceExec", "FilterExec", "ProjectionExec", "CoalesceBatchesExec", "CooperativeExec"];
    ROW_BY_ROW.contains(&plan.name()) && plan.children().into_iter().all(is_independent)
}
