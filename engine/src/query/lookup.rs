//! Small answers that a program goes on with: the rows of a statement as text.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use super::error::QueryError;

/// Cells of a row; `None` = NULL.
pub type Row = Vec<Option<String>>;

/// The rows of a statement; for lookups of few rows.
///
/// # Errors
/// As [`super::run`].
pub async fn rows(ctx: &SessionContext, sql: &str) -> Result<Vec<Row>, QueryError> {
    let mut rows = Vec::new();
    for batch in batches(ctx, sql).await? {
        let columns = batch
            .columns()
            .iter()
            .map(|column| cast(column, &DataType::Utf8))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| QueryError::Execution(error.to_string()))?;
        for row in 0..batch.num_rows() {
            let cell = |column: &datafusion::arrow::array::ArrayRef| {
                column.is_valid(row).then(|| column.as_string::<i32>().value(row).to_owned())
            };
            rows.push(columns.iter().map(cell).collect());
        }
    }
    Ok(rows)
}

/// The rows of a statement as batches.
///
/// # Errors
/// As [`super::run`].
pub async fn batches(ctx: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>, QueryError> {
    let failed = |error: datafusion::error::DataFusionError| QueryError::Execution(error.strip_backtrace());
    super::run(ctx, sql).await?.try_collect().await.map_err(failed)
}

/// A text literal of SQL.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
