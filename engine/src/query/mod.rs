//! One statement under limits -> rows, and rows -> bytes in the format asked for.
//!
//! Statements are read-only: no DDL, no DML, no settings, no files. Sessions are made by
//! `session`, and what a caller sees is decided there; here a caller other than the ministry is only kept from what
//! measures a run or lists settings, and is told of a failure its kind and a number, never a value.

mod cache;
mod error;
pub mod format;
mod gate;
mod incident;
pub mod lookup;
mod parameters;
mod resolved;
mod wire;
mod yielding;

pub use cache::{AnswerKey, Asked, ResultCache};
pub use error::QueryError;
pub use format::Format;
pub use gate::Gate;
pub use incident::Incident;
pub use resolved::{Answer, Resolved, failed, resolve};
pub use wire::{Shaper, plain_schema};

#[cfg(test)]
mod tests;

use std::sync::Arc;

use datafusion::common::TableReference;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::{SendableRecordBatchStream, SessionState};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;

use crate::session::{Caller, Role};

/// Longest statement accepted, in bytes: longer ones only come from programs gone wrong.
pub const MAX_STATEMENT_BYTES: usize = 256 * 1024;

/// Plan a read-only statement.
///
/// # Errors
/// [`QueryError`]: too long, not one statement, not a query, a syntax error with its position, an unknown
/// table or column with the nearest names, an object that is not for the caller's role.
pub async fn plan(ctx: &SessionContext, sql: &str) -> Result<LogicalPlan, QueryError> {
    if sql.len() > MAX_STATEMENT_BYTES {
        return Err(QueryError::TooLong { bytes: sql.len(), limit: MAX_STATEMENT_BYTES });
    }
    let statement = parse(sql)?;
    refuse(&statement)?;
    plan_statement(ctx, statement).await
}

/// The one statement of a text.
fn parse(sql: &str) -> Result<Statement, QueryError> {
    let dialect = PostgreSqlDialect {};
    let mut statements = DFParserBuilder::new(sql)
        .with_dialect(&dialect)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| error::syntax(sql, &error))?;
    let statement = match (statements.pop_front(), statements.len()) {
        (None, _) => return Err(QueryError::Empty),
        (Some(_), 1..) => return Err(QueryError::Several),
        (Some(statement), _) => statement,
    };
    Ok(statement)
}

/// Plan a parsed statement; what is no query is refused.
async fn plan_statement(ctx: &SessionContext, statement: Statement) -> Result<LogicalPlan, QueryError> {
    let state = ctx.state();
    let caller = caller_of(&state);
    if caller.is_some() {
        refuse_settings(&state, &statement)?;
    }
    let plan = match Box::pin(state.statement_to_plan(statement)).await {
        Ok(plan) => plan,
        Err(error) => return Err(error::planning(ctx, &error)),
    };
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&plan)
        .map_err(|error| error::refused(&error))?;
    if let Some(caller) = caller {
        refuse_measuring(&plan, &caller)?;
    }
    Ok(plan)
}

/// Plan and start a read-only statement.
///
/// # Errors
/// As [`plan`]; [`QueryError::Execution`] when it cannot be started.
pub async fn run(ctx: &SessionContext, sql: &str) -> Result<SendableRecordBatchStream, QueryError> {
    let plan = plan(ctx, sql).await?;
    start(ctx, plan).await
}

/// Start a plan; its failures are told as the caller of the session is told them.
async fn start(ctx: &SessionContext, plan: LogicalPlan) -> Result<SendableRecordBatchStream, QueryError> {
    let schema = plain_schema(plan.schema().as_arrow());
    let is_told = caller_of(&ctx.state()).is_none();
    let tell = |failure| error::execution(if is_told { failure } else { incident::of(failure) });
    let frame = ctx.execute_logical_plan(plan).await.map_err(tell)?;
    let stream = frame.execute_stream().await.map_err(tell)?;
    let stream = if is_told { stream } else { incident::guard(stream) };
    // In the types of the wire, so that an answer is the same here and there.
    Ok(wire::plain(stream, schema))
}

/// Whom a session is for; `None` = the ministry.
fn caller_of(state: &SessionState) -> Option<Arc<Caller>> {
    state.config().get_extension::<Caller>().filter(|caller| caller.role() != Role::Ministry)
}

/// How the engine is set up is no business of a caller's.
fn refuse_settings(state: &SessionState, statement: &Statement) -> Result<(), QueryError> {
    let refused = || QueryError::Refused { statement: "settings".to_owned() };
    if let Statement::Statement(statement) = statement
        && matches!(statement.as_ref(), SqlStatement::ShowVariable { .. })
    {
        return Err(refused());
    }
    let named = state.resolve_table_references(statement).map_err(error::execution)?;
    let is_settings = |table: &TableReference| {
        table.schema() == Some("information_schema") && table.table().eq_ignore_ascii_case("df_settings")
    };
    if named.iter().any(is_settings) { Err(refused()) } else { Ok(()) }
}

/// How long operators run and how many rows they meet tells of rows that are not shown.
fn refuse_measuring(plan: &LogicalPlan, caller: &Caller) -> Result<(), QueryError> {
    let statement = match plan {
        LogicalPlan::Analyze(_) => "EXPLAIN ANALYZE",
        LogicalPlan::Explain(explain) if explain.verbose => "EXPLAIN VERBOSE",
        LogicalPlan::Explain(_) if !caller.may_explain() => "EXPLAIN",
        _ => return Ok(()),
    };
    Err(QueryError::Refused { statement: statement.to_owned() })
}

/// COPY and CREATE EXTERNAL TABLE are the engine's own statements and are refused by name.
fn refuse(statement: &Statement) -> Result<(), QueryError> {
    let name = match statement {
        Statement::CopyTo(_) => "COPY",
        Statement::CreateExternalTable(_) => "CREATE EXTERNAL TABLE",
        Statement::Reset(_) => "RESET",
        _ => return Ok(()),
    };
    Err(QueryError::Refused { statement: name.to_owned() })
}
