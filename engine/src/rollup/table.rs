//! A measure set as a table: rollups where there are any, the view elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, AsArray, Int32Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DFSchema, Result};
use datafusion::datasource::{TableType, provider_as_source};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, TableProviderFilterPushDown, col, lit};
use datafusion::physical_expr::expressions::{cast, col as physical};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::union::UnionExec;

use super::definition::{Definition, Unit};
use super::exec::{RollupExec, Shown};
use crate::lake::provider::RawTable;
use crate::lake::{Derived, FileEntry, Snapshot, TableSpec};

/// Columns by which rollups are partitioned.
const PARTITION: [&str; 2] = ["year", "region"];

/// Which units of a measure set have a rollup at a lake version.
#[derive(Debug, Clone)]
pub struct Cover {
    /// Units with a rollup, and its files.
    pub stored: Vec<(Unit, Vec<FileEntry>)>,
    /// Units without.
    pub missing: Vec<Unit>,
}

impl Cover {
    /// Look the units of a version up.
    pub async fn of(
        definition: &Definition,
        snapshot: &Snapshot,
        derived: &Derived,
        spec: &TableSpec,
    ) -> Self {
        let register = derived.register(&spec.name, &spec.schema).await;
        let mut cover = Self { stored: Vec::new(), missing: Vec::new() };
        for unit in definition.units(snapshot) {
            match register.get(&unit.key) {
                Some(files) => cover.stored.push((unit, files.to_vec())),
                None => cover.missing.push(unit),
            }
        }
        cover
    }

    /// The same, units whose files are damaged or gone counted as missing.
    #[must_use]
    pub async fn sound(self, derived: &Derived, spec: &TableSpec) -> Self {
        let files: Vec<FileEntry> = self.stored.iter().flat_map(|(_, files)| files.iter().cloned()).collect();
        let mut verdicts = derived.sound(&spec.name, &files).await.into_iter();
        let mut cover = Self { stored: Vec::new(), missing: self.missing };
        for (unit, files) in self.stored {
            let verdicts: Vec<bool> = verdicts.by_ref().take(files.len()).collect();
            if verdicts.iter().all(|is_sound| *is_sound) {
                cover.stored.push((unit, files));
            } else {
                cover.missing.push(unit);
            }
        }
        cover
    }
}

/// How the rows of a measure set are stored; `None` when it has columns that are not added up exactly, or no
/// integer year and region.
#[must_use]
pub fn spec_of(definition: &Definition, view: &SchemaRef) -> Option<TableSpec> {
    let mut fields = Vec::new();
    for field in view.fields() {
        let data_type = match field.data_type() {
            DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
            exact @ (DataType::Int32 | DataType::Int64 | DataType::Date32 | DataType::Decimal128(..)) => {
                exact.clone()
            }
            _ => return None,
        };
        fields.push(Field::new(field.name(), data_type, true));
    }
    let schema = Arc::new(Schema::new(fields));
    let partition_columns: Vec<String> = if definition.is_by_partition() {
        let is_integer = |name: &str| {
            schema.field_with_name(name).is_ok_and(|field| *field.data_type() == DataType::Int32)
        };
        if !PARTITION.iter().all(|name| is_integer(name)) {
            return None;
        }
        PARTITION.map(str::to_owned).to_vec()
    } else {
        Vec::new()
    };
    let sort_columns = ["year", "region", "district", "org_bin"].into_iter().filter(|name| {
        schema.field_with_name(name).is_ok() && !partition_columns.iter().any(|own| own == name)
    });
    Some(TableSpec {
        name: definition.name().to_owned(),
        sort_columns: sort_columns.map(str::to_owned).collect(),
        schema,
        partition_columns,
        cut_column: None,
        scope_columns: Vec::new(),
        territory: None,
        plain_columns: Vec::new(),
    })
}

/// The provider.
#[derive(Debug)]
pub struct RollupTable {
    schema: SchemaRef,
    view: Arc<dyn TableProvider>,
    derived: Derived,
    spec: TableSpec,
    cover: Cover,
}

impl RollupTable {
    /// A measure set over its view, whose rows have this schema; `None` where no rollup of it fits, and the view does
    /// as well.
    pub async fn over(
        definition: &Definition,
        snapshot: &Snapshot,
        view: &Arc<dyn TableProvider>,
        schema: &SchemaRef,
    ) -> Option<Self> {
        let derived = snapshot.derived()?;
        let spec = spec_of(definition, schema)?;
        let cover = Cover::of(definition, snapshot, derived, &spec).await;
        if cover.stored.is_empty() {
            return None;
        }
        // A column of a rollup may be NULL whatever the view lets the engine conclude.
        let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Some(Self { schema, view: Arc::clone(view), derived: derived.clone(), spec, cover })
    }

    /// Units that may hold rows for the filters.
    fn asked(&self, state: &dyn Session, filters: &[Expr]) -> Result<Cover> {
        if self.spec.partition_columns.is_empty() {
            return Ok(self.cover.clone());
        }
        let of_partition = |filter: &&Expr| {
            let columns = filter.column_refs();
            !columns.is_empty()
                && columns.iter().all(|column| PARTITION.contains(&column.name.as_str()))
                && !filter.is_volatile()
        };
        let Some(filter) = conjunction(filters.iter().filter(of_partition).cloned()) else {
            return Ok(self.cover.clone());
        };
        let fields = PARTITION.map(|name| Field::new(name, DataType::Int32, true));
        let schema = Arc::new(Schema::new(fields.to_vec()));
        let filter = state.create_physical_expr(filter, &DFSchema::try_from(Arc::clone(&schema))?)?;
        let stored = self.cover.stored.iter().map(|(unit, _)| unit);
        let units: Vec<&Unit> = stored.chain(&self.cover.missing).collect();
        if units.is_empty() {
            return Ok(self.cover.clone());
        }
        let column = |at: usize| -> ArrayRef {
            Arc::new(units.iter().map(|unit| unit.partition.get(at).copied()).collect::<Int32Array>())
        };
        let batch = RecordBatch::try_new(schema, vec![column(0), column(1)])?;
        let verdict = filter.evaluate(&batch)?.into_array(batch.num_rows())?;
        let mut verdicts = verdict.as_boolean().iter().map(|verdict| verdict == Some(true));
        let mut keep = || verdicts.next().unwrap_or(true);
        Ok(Cover {
            stored: self.cover.stored.iter().filter(|_| keep()).cloned().collect(),
            missing: self.cover.missing.iter().filter(|_| keep()).cloned().collect(),
        })
    }

    /// Rows of rollups, in the types of the view.
    async fn read(
        &self,
        state: &dyn Session,
        stored: &[(Unit, Vec<FileEntry>)],
        projection: &[usize],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut files: Vec<FileEntry> = stored.iter().flat_map(|(_, files)| files.iter().cloned()).collect();
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let table = self.derived.table(&self.spec, files);
        let table = RawTable::of_files(Some(&table), &self.spec)?;
        let plan = table.scan(state, Some(&projection.to_vec()), &[], None).await?;
        self.typed(plan, projection)
    }

    /// The columns of a plan in the declared types.
    fn typed(&self, plan: Arc<dyn ExecutionPlan>, projection: &[usize]) -> Result<Arc<dyn ExecutionPlan>> {
        let found = plan.schema();
        let columns = projection.iter().map(|index| {
            let field = self.schema.field(*index);
            let column = cast(physical(field.name(), &found)?, &found, field.data_type().clone())?;
            Ok(ProjectionExpr::new(column, field.name().clone()))
        });
        Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Result<Vec<_>>>()?, plan)?))
    }

    /// Rows of the view in some partitions.
    async fn compute(
        &self,
        state: &dyn Session,
        missing: &[Unit],
        projection: &[usize],
        filters: &[Expr],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut plan = LogicalPlanBuilder::scan("measure", provider_as_source(Arc::clone(&self.view)), None)?;
        if let Some(partitions) = within(missing) {
            plan = plan.filter(partitions)?;
        }
        if let Some(filters) = conjunction(filters.iter().cloned()) {
            plan = plan.filter(filters)?;
        }
        let columns: Vec<Expr> = projection
            .iter()
            .map(|index| col(format!("measure.\"{}\"", self.schema.field(*index).name())))
            .collect();
        let plan = state.create_physical_plan(&plan.project(columns)?.build()?).await?;
        self.typed(plan, projection)
    }
}

/// The condition that a row lies in one of some partitions; `None` for a set without partitions.
fn within(units: &[Unit]) -> Option<Expr> {
    let mut years: BTreeMap<i32, Vec<Expr>> = BTreeMap::new();
    for unit in units {
        let [year, region] = unit.partition[..] else { return None };
        years.entry(year).or_default().push(lit(region));
    }
    let of_year = |(year, regions)| {
        col("measure.year").eq(lit(year)).and(col("measure.region").in_list(regions, false))
    };
    years.into_iter().map(of_year).reduce(Expr::or)
}

#[async_trait]
impl TableProvider for RollupTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // They choose partitions; the rows are filtered again above.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let projection: Vec<usize> =
            projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let cover = self.asked(state, filters)?.sound(&self.derived, &self.spec).await;
        let mut plans: Vec<Arc<dyn ExecutionPlan>> =
            vec![Arc::new(EmptyExec::new(Arc::new(self.schema.project(&projection)?)))];
        if cover.stored.iter().any(|(_, files)| !files.is_empty()) {
            plans.push(self.read(state, &cover.stored, &projection).await?);
        }
        if !cover.missing.is_empty() {
            plans.push(self.compute(state, &cover.missing, &projection, filters).await?);
        }
        let read: Vec<&[i32]> = cover.stored.iter().map(|(unit, _)| unit.partition.as_slice()).collect();
        let computed: Vec<&[i32]> = cover.missing.iter().map(|unit| unit.partition.as_slice()).collect();
        let shown = Shown::new(&self.spec.name, &read, &computed);
        // The empty plan gives the union its declared schema, NULLs allowed.
        let plan = if plans.len() == 1 { plans.remove(0) } else { UnionExec::try_new(plans)? };
        Ok(Arc::new(RollupExec::new(plan, shown)))
    }
}
