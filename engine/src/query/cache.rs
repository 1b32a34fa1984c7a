//! Answers kept by statement: exact, because a lake version never changes.
//!
//! A key names the statement, its parameters, what the session shows (lake version, definitions, vintage, audience)
//! and the scope of the caller. Whatever of these differs is another answer; nothing is ever invalidated, only the
//! least recently used go. Not kept are answers of functions that are not immutable (`now`, `random`), of tables that
//! change under a lake version (`meta.query`), of `EXPLAIN`, and of sessions over tables of the caller's.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{ParamValues, Result, ScalarValue};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream};
use datafusion::logical_expr::{Expr, LogicalPlan, TableType, Volatility};
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::prelude::SessionContext;
use futures::{Stream, StreamExt};

use super::error::{self, QueryError};
use crate::session::{Identity, RowMemory};

/// An answer may take this part of the cache; larger ones pass through.
const LARGEST_PART: usize = 8;

/// Answers of statements, bounded in bytes. Cheap to clone; clones share what they hold.
#[derive(Debug, Clone)]
pub struct ResultCache {
    answers: Arc<RowMemory>,
    limit: usize,
}

/// What is asked beside the statement.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Values of `$name` in the statement.
    pub parameters: &'a [(String, ScalarValue)],
    /// What else an answer depends on, as where its names are looked up. Whose rights hold is the session's.
    pub scope: &'a str,
}

/// Names one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerKey(String);

impl ResultCache {
    /// A cache of at most so many bytes; none are kept with 0.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { answers: Arc::default(), limit }
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.answers.bytes()
    }

    /// Answers held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// The rows of a read-only statement, from the cache or computed; an answer is kept once it was read to its end.
    ///
    /// # Errors
    /// As [`super::run`].
    pub async fn run(
        &self,
        ctx: &SessionContext,
        sql: &str,
        asked: Asked<'_>,
    ) -> Result<SendableRecordBatchStream, QueryError> {
        let key = self.key(ctx, sql, asked);
        if let Some(rows) = key.as_ref().and_then(|key| self.find(key)) {
            return rows;
        }
        let mut plan = super::plan(ctx, sql).await?;
        if !asked.parameters.is_empty() {
            let parameters: ParamValues = asked.parameters.to_vec().into();
            plan = plan.with_param_values(parameters).map_err(error::execution)?;
        }
        let key = key.filter(|_| is_repeatable(&plan));
        let rows = super::start(ctx, plan).await?;
        Ok(match key {
            Some(key) => self.keep(key, rows),
            None => rows,
        })
    }

    /// The name of an answer; `None` where none is kept: without room, or in a session that nobody can name.
    #[must_use]
    pub fn key(&self, ctx: &SessionContext, sql: &str, asked: Asked<'_>) -> Option<AnswerKey> {
        if self.limit == 0 {
            return None;
        }
        key(ctx, sql, asked).map(AnswerKey)
    }

    /// The rows of an answer that is kept.
    ///
    /// # Errors
    /// [`QueryError::Execution`] when they are not of one schema: a bug.
    #[must_use]
    pub fn find(&self, key: &AnswerKey) -> Option<Result<SendableRecordBatchStream, QueryError>> {
        let rows = self.answers.get(&key.0)?;
        let schema = rows.first()?.schema();
        let stream = MemoryStream::try_new(rows.to_vec(), schema, None).map_err(error::execution);
        Some(stream.map(|stream| Box::pin(stream) as SendableRecordBatchStream))
    }

    /// Rows on their way, kept under a name once they were read to their end. Only of what [`is_repeatable`].
    #[must_use]
    pub fn keep(&self, key: AnswerKey, rows: SendableRecordBatchStream) -> SendableRecordBatchStream {
        Box::pin(Keeping { rows, key: key.0, seen: Some(Seen::default()), cache: self.clone() })
    }
}

/// Statement, parameters, scope and session, each with its length.
fn key(ctx: &SessionContext, sql: &str, asked: Asked<'_>) -> Option<String> {
    use std::fmt::Write as _;
    let identity = ctx.state().config().get_extension::<Identity>()?;
    let identity = identity.text()?;
    let mut key = String::new();
    for part in [identity, asked.scope, sql.trim()] {
        let _ = write!(key, "{}:{part};", part.len());
    }
    for (name, value) in asked.parameters {
        // The type belongs to it: 1 and '1' are spelt alike.
        let _ = write!(key, "{}:{name};{:?}:{value:?};", name.len(), value.data_type());
    }
    Some(key)
}

/// Whether a plan says the same whenever it is run.
pub(super) fn is_repeatable(plan: &LogicalPlan) -> bool {
    let mut is_repeatable = true;
    let mut of_expression = |expr: &Expr| -> Result<TreeNodeRecursion> {
        let is_volatile = expr.exists(|part| {
            Ok(match part {
                Expr::ScalarFunction(call) => call.func.signature().volatility != Volatility::Immutable,
                part => part.is_volatile_node(),
            })
        })?;
        is_repeatable &= !is_volatile;
        Ok(if is_volatile { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    };
    let mut is_of_the_version = true;
    let walked = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            is_of_the_version &= scan.source.table_type() != TableType::Temporary;
        }
        if matches!(node, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_)) {
            return node.apply_expressions(|_| Ok(TreeNodeRecursion::Continue));
        }
        node.apply_expressions(&mut of_expression)
    });
    let is_explained = matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_));
    walked.is_ok() && is_repeatable && is_of_the_version && !is_explained
}

/// Passes rows on and keeps them when they have all come.
struct Keeping {
    rows: SendableRecordBatchStream,
    key: String,
    /// What has come; none once it is too much.
    seen: Option<Seen>,
    cache: ResultCache,
}

#[derive(Default)]
struct Seen {
    rows: Vec<RecordBatch>,
    bytes: usize,
}

impl Keeping {
    fn add(&mut self, batch: &RecordBatch) {
        let Some(seen) = &mut self.seen else { return };
        seen.bytes += batch.get_array_memory_size();
        if seen.bytes > self.cache.limit / LARGEST_PART {
            self.seen = None;
        } else {
            seen.rows.push(batch.clone());
        }
    }

    fn end(&mut self) {
        let Some(mut seen) = self.seen.take() else { return };
        if seen.rows.is_empty() {
            seen.rows.push(RecordBatch::new_empty(self.rows.schema()));
        }
        self.cache.answers.keep(&self.key, Arc::new(seen.rows), self.cache.limit);
    }
}

impl Stream for Keeping {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.rows.poll_next_unpin(context);
        match &polled {
            Poll::Ready(Some(Ok(batch))) => self.add(batch),
            Poll::Ready(Some(Err(_))) => self.seen = None,
            Poll::Ready(None) => self.end(),
            Poll::Pending => {}
        }
        polled
    }
}

impl RecordBatchStream for Keeping {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }
}
