//! The session in which tables are what they are.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::common::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::SessionContext;

use crate::session::archive::Scope;

/// Plans statements over everything; held by what is shown of it, and named by nothing that a caller can write.
#[derive(Clone)]
pub(in crate::session) struct Definer {
    ctx: SessionContext,
    /// The catalog in which names are looked up; `None` = the session's own.
    scope: Option<Scope>,
}

impl Definer {
    pub(in crate::session) fn new(ctx: SessionContext, scope: Option<Scope>) -> Self {
        Self { ctx, scope }
    }

    fn state(&self) -> Result<SessionState> {
        let state = self.ctx.state();
        self.scope.as_ref().map_or(Ok(state.clone()), |scope| scope.state(&state))
    }

    pub(super) async fn plan(&self, sql: &str) -> Result<LogicalPlan> {
        Box::pin(self.state()?.create_logical_plan(sql)).await
    }

    pub(super) async fn rows(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        let plan = self.plan(sql).await?;
        let physical = self.physical(&plan).await?;
        collect(physical, self.ctx.task_ctx()).await
    }

    pub(super) async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
        Box::pin(self.state()?.create_physical_plan(plan)).await
    }
}

impl fmt::Debug for Definer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definer").finish_non_exhaustive()
    }
}
