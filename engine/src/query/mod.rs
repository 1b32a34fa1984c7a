//! One statement under limits -> rows, and rows -> bytes in the format asked for.
//!
//! Statements are read-only: no DDL, no DML, no settings, no files. Sessions are made by
//! `session`; who may ask what is the server's business.

mod cache;
mod error;
pub mod format;

pub use cache::{Asked, ResultCache};
pub use error::QueryError;
pub use format::Format;

use datafusion::execution::context::SQLOptions;
use datafusion::execution::{SendableRecordBatchStream, SessionState};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;

use crate::config::Audience;

/// Longest statement accepted, in bytes: longer ones only come from programs gone wrong.
pub const MAX_STATEMENT_BYTES: usize = 256 * 1024;

/// Plan a read-only statement.
///
/// # Errors
/// [`QueryError`]: too long, not one statement, not a query, a syntax error with its position, an unknown
/// table or column with the nearest names.
pub async fn plan(ctx: &SessionContext, sql: &str) -> Result<LogicalPlan, QueryError> {
    if sql.len() > MAX_STATEMENT_BYTES {
        return Err(QueryError::TooLong { bytes: sql.len(), limit: MAX_STATEMENT_BYTES });
    }
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
    refuse(&statement)?;
    let state = ctx.state();
    if state.config().get_extension::<Audience>().is_some_and(|audience| *audience == Audience::Public) {
        refuse_facts(&state, &statement)?;
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
    Ok(plan)
}

/// Plan and start a read-only statement.
///
/// # Errors
/// As [`plan`]; [`QueryError::Execution`] when it cannot be started.
pub async fn run(ctx: &SessionContext, sql: &str) -> Result<SendableRecordBatchStream, QueryError> {
    let plan = plan(ctx, sql).await?;
    let frame = ctx.execute_logical_plan(plan).await.map_err(error::execution)?;
    frame.execute_stream().await.map_err(error::execution)
}

/// Schemas of single records and of sums before anything is hidden: not for the public.
const FACTS: [&str; 3] = ["raw", "staging", "measures"];

fn refuse_facts(state: &SessionState, statement: &Statement) -> Result<(), QueryError> {
    let named = state.resolve_table_references(statement).map_err(error::execution)?;
    match named.iter().find(|table| table.schema().is_some_and(|schema| FACTS.contains(&schema))) {
        Some(table) => Err(QueryError::NotPublic { table: table.to_string() }),
        None => Ok(()),
    }
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
