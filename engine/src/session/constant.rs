//! Views of reference facts alone: computed when first named, then read from memory.
//!
//! They say the same as long as the session lives. `ref.geo_year` stands in every answer of an indicator once a
//! breakdown; as a table each of these is one node of the plan and not eight.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::{MemTable, TableType, source_as_provider};
use datafusion::execution::SessionState;
use datafusion::functions_table::generate_series::GenerateSeriesTable;
use datafusion::logical_expr::{Expr, LogicalPlan, TableProviderFilterPushDown};
use datafusion::physical_plan::{ExecutionPlan, collect};

/// A view and its rows.
#[derive(Debug)]
pub struct ConstantView {
    sql: String,
    rows: MemTable,
}

/// Whether a plan reads nothing but what stands in memory already, and series of numbers.
///
/// # Errors
/// When a table of the plan is none that can be planned.
pub fn is_constant(plan: &LogicalPlan) -> Result<bool> {
    let mut is_constant = true;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let table = source_as_provider(&scan.source)?;
            is_constant &=
                table.is::<MemTable>() || table.is::<ConstantView>() || table.is::<GenerateSeriesTable>();
        }
        Ok(if is_constant { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })?;
    Ok(is_constant)
}

impl ConstantView {
    /// The rows of a view whose plan [`is_constant`].
    ///
    /// # Errors
    /// When they cannot be computed.
    pub async fn of(state: &SessionState, plan: &LogicalPlan, sql: &str) -> Result<Self> {
        let plan = Box::pin(state.create_physical_plan(plan)).await?;
        let schema = plan.schema();
        let rows = collect(plan, state.task_ctx()).await?;
        Ok(Self { sql: sql.to_owned(), rows: MemTable::try_new(schema, vec![rows])? })
    }
}

#[async_trait]
impl TableProvider for ConstantView {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn get_table_definition(&self) -> Option<&str> {
        Some(&self.sql)
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.rows.scan(state, projection, filters, limit).await
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        self.rows.supports_filters_pushdown(filters)
    }
}
