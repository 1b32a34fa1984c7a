//! A table below which nothing of a statement happens.
//!
//! What a caller may see of a table is a statement of the definer's: its rows, its columns, its masks. It is planned in
//! the definer's session and runs inside an operator without children, so that no rule of an optimizer can move an
//! expression of the caller's to rows that the caller does not see: a cast that fails, a division by zero or a
//! filter of a join would tell of them. What may be handed below are comparisons of an open column with a literal
//! of its own type. They cannot fail, they are applied again above, and they only spare work.
//!
//! How many rows and files there are, how they are cut and in which order they lie is not told either: statistics are
//! unknown, there is one partition, and rows come in the order of their own columns.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::datasource::TableType;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{
    BinaryExpr, Expr, LogicalPlan, LogicalPlanBuilder, Operator, TableProviderFilterPushDown,
};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, reset_plan_states};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
};
use datafusion::prelude::{col, lit};
use futures::StreamExt;

use super::definer::Definer;
use super::error::sealed;
use crate::operator::over_finished_plan;

/// What a caller sees of a table.
pub(super) struct SecureTable {
    name: String,
    schema: SchemaRef,
    /// The rows, in the definer's session.
    rows: LogicalPlan,
    /// What stands in place of a column.
    masks: BTreeMap<String, Expr>,
    /// Some rows are not shown.
    is_partial: bool,
    definer: Definer,
}

impl SecureTable {
    /// The rows of a statement of the definer's, as the table `name`.
    ///
    /// # Errors
    /// When the statement cannot be planned; the error says nothing but the name.
    pub(super) async fn plan(name: &str, definer: &Definer, sql: &str) -> Result<Self> {
        let rows = definer.plan(sql).await.map_err(|error| sealed(name, error))?;
        let fields = rows.schema().fields().iter();
        // Whether there is a NULL among rows is nobody's business before they are read.
        let fields = fields.map(|field| Field::new(field.name(), field.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let definer = definer.clone();
        Ok(Self { name: name.to_owned(), schema, rows, masks: BTreeMap::new(), is_partial: true, definer })
    }

    /// With other values in place of some columns.
    pub(super) fn masked(self, masks: BTreeMap<String, Expr>) -> Self {
        Self { masks, ..self }
    }

    /// Every row is shown, so their order tells nothing.
    pub(super) fn whole(self) -> Self {
        Self { is_partial: false, ..self }
    }

    /// Can the comparison be made on rows that the caller does not see?
    ///
    /// Only an open column against literals of its own type, which neither fails nor calls anything.
    fn is_safe(&self, filter: &Expr) -> bool {
        match filter {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And | Operator::Or, right }) => {
                self.is_safe(left) && self.is_safe(right)
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                let is_comparison = matches!(
                    op,
                    Operator::Eq
                        | Operator::NotEq
                        | Operator::Lt
                        | Operator::LtEq
                        | Operator::Gt
                        | Operator::GtEq
                );
                is_comparison && (self.fits(left, right) || self.fits(right, left))
            }
            Expr::InList(list) => list.list.iter().all(|item| self.fits(&list.expr, item)),
            Expr::Between(between) => {
                self.fits(&between.expr, &between.low) && self.fits(&between.expr, &between.high)
            }
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.open_column(inner).is_some(),
            _ => false,
        }
    }

    /// An open column and a literal of its type.
    fn fits(&self, column: &Expr, literal: &Expr) -> bool {
        let Expr::Literal(value, _) = literal else { return false };
        self.open_column(column).is_some_and(|field| *field.data_type() == value.data_type())
    }

    fn open_column(&self, expr: &Expr) -> Option<&Field> {
        let Expr::Column(column) = expr else { return None };
        let is_open = !self.masks.contains_key(&column.name);
        self.schema.field_with_name(&column.name).ok().filter(|_| is_open)
    }

    /// The rows in the definer's session: those shown, of them those that safe comparisons leave, masked.
    fn narrowed(&self, wanted: &[usize], filters: &[Expr]) -> Result<LogicalPlan> {
        let mut plan = LogicalPlanBuilder::from(self.rows.clone());
        for filter in filters.iter().filter(|filter| self.is_safe(filter)) {
            plan = plan.filter(filter.clone())?;
        }
        let columns: Vec<&str> =
            wanted.iter().map(|index| self.schema.field(*index).name().as_str()).collect();
        if columns.is_empty() {
            // A column that is never NULL: rows are counted, nothing is read.
            return plan.project([lit(ScalarValue::Int8(Some(0))).alias("row")])?.build();
        }
        let shown = columns.iter().map(|name| match self.masks.get(*name) {
            Some(mask) => mask.clone().alias(*name),
            None => col(format!("\"{name}\"")).alias(*name),
        });
        let plan = plan.project(shown)?;
        if !self.is_partial {
            return plan.build();
        }
        let mut seen = BTreeSet::new();
        let keys = columns.iter().filter(|name| seen.insert(**name));
        let keys: Vec<_> = keys.map(|name| col(format!("\"{name}\"")).sort(true, true)).collect();
        plan.sort(keys)?.build()
    }
}

impl fmt::Debug for SecureTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecureTable").field("name", &self.name).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for SecureTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let push = |filter: &&Expr| {
            if self.is_safe(filter) {
                TableProviderFilterPushDown::Inexact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        };
        Ok(filters.iter().map(push).collect())
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        // A limit below would choose among rows before those of others are taken out.
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&wanted)?);
        let plan = async {
            let logical = self.narrowed(&wanted, filters)?;
            let plan = Box::pin(self.definer.physical(&logical)).await?;
            let is_one = plan.output_partitioning().partition_count() == 1;
            Ok(if is_one { plan } else { Arc::new(CoalescePartitionsExec::new(plan)) as _ })
        };
        let plan = plan.await.map_err(|error| sealed(&self.name, error))?;
        Ok(Arc::new(SecureExec::new(&self.name, plan, schema)))
    }
}

/// Runs a finished plan of the definer's. It has no children and says nothing but the name of its table.
struct SecureExec {
    name: String,
    plan: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl SecureExec {
    fn new(name: &str, plan: Arc<dyn ExecutionPlan>, schema: SchemaRef) -> Self {
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        ));
        Self { name: name.to_owned(), plan, properties }
    }
}

impl fmt::Debug for SecureExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecureExec").field("name", &self.name).finish_non_exhaustive()
    }
}

impl DisplayAs for SecureExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecureExec: table={}", self.name)
    }
}

impl ExecutionPlan for SecureExec {
    fn name(&self) -> &'static str {
        "SecureExec"
    }

    // Without children nothing can be pushed below, whatever rules there will be.
    over_finished_plan!();

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let name = self.name.clone();
        let seal = move |error| sealed(&name, error);
        // A plan that has run is used up, and a statement may read a table twice.
        let run = || reset_plan_states(Arc::clone(&self.plan))?.execute(partition, context);
        let rows = run().map_err(&seal)?;
        let schema = self.schema();
        let stamped = Arc::clone(&schema);
        let stream = rows.map(move |batch| stamp(&batch.map_err(&seal)?, &stamped));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream)))
    }
}

/// The batch under the declared schema, whatever kind of text the engine chose; without columns only its number of rows.
fn stamp(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let declared = schema.fields().iter().zip(batch.columns());
    let columns = declared.map(|(field, column)| cast(column, field.data_type()));
    let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(DataFusionError::from)
}
