//! `meta.query`: the statements that run, and the last that ended, for the ministry.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{
    ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::{MemTable, TableType};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;

use super::running::{QueryLine, Registry};

/// The table. Its rows are those of the moment when a statement is planned.
pub struct QueryTable {
    registry: Arc<Registry>,
    schema: SchemaRef,
}

impl QueryTable {
    /// Over the registry of a server.
    #[must_use]
    pub fn new(registry: Arc<Registry>) -> Self {
        let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let schema = Schema::new(vec![
            Field::new("query", DataType::Utf8, false),
            Field::new("caller", DataType::Utf8, false),
            Field::new("role", DataType::Utf8, false),
            Field::new("scope", DataType::Utf8, true),
            Field::new("outcome", DataType::Utf8, false),
            Field::new("began_at", time, false),
            Field::new("milliseconds", DataType::Int64, false),
            Field::new("lake_version", DataType::Int64, false),
            Field::new("row_count", DataType::UInt64, false),
            Field::new("byte_count", DataType::UInt64, false),
            Field::new("peak_memory_bytes", DataType::UInt64, false),
            Field::new("statement", DataType::Utf8, false),
        ]);
        Self { registry, schema: Arc::new(schema) }
    }

    fn batch(&self) -> Result<RecordBatch> {
        let lines = self.registry.lines();
        let texts = |value: &dyn Fn(&QueryLine) -> Option<String>| -> ArrayRef {
            Arc::new(lines.iter().map(value).collect::<StringArray>())
        };
        let whole = |value: &dyn Fn(&QueryLine) -> i64| -> ArrayRef {
            Arc::new(lines.iter().map(|line| Some(value(line))).collect::<Int64Array>())
        };
        let counts = |value: &dyn Fn(&QueryLine) -> u64| -> ArrayRef {
            Arc::new(lines.iter().map(|line| Some(value(line))).collect::<UInt64Array>())
        };
        let began: TimestampMicrosecondArray =
            lines.iter().map(|line| Some(line.since.timestamp_micros())).collect();
        let columns = vec![
            texts(&|line| Some(line.id.to_string())),
            texts(&|line| Some(line.caller.name().to_owned())),
            texts(&|line| Some(line.caller.role().as_str().to_owned())),
            texts(&|line| line.caller.scope().map(|unit| unit.to_string())),
            texts(&|line| Some(line.outcome.clone())),
            Arc::new(began.with_timezone("UTC")),
            whole(&|line| i64::try_from(line.elapsed.as_millis()).unwrap_or(i64::MAX)),
            whole(&|line| i64::try_from(line.lake_version).unwrap_or(i64::MAX)),
            counts(&|line| line.rows),
            counts(&|line| line.bytes),
            counts(&|line| line.peak_memory as u64),
            texts(&|line| Some(line.sql.clone())),
        ];
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl fmt::Debug for QueryTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryTable").finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for QueryTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        // Its rows change while the lake version stays: answers from it are not kept.
        TableType::Temporary
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = MemTable::try_new(self.schema(), vec![vec![self.batch()?]])?;
        rows.scan(state, projection, filters, limit).await
    }
}
