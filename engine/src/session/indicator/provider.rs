//! `mart.indicator` and `mart.indicator_edition`: tables that plan only what a query asks for.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::TableType;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::union::UnionExec;

use super::compile::{self, Part};
use super::queued::QueuedExec;
use super::request::Request;
use super::shared::SharedSteps;
use crate::definitions::Definitions;
use crate::session::archive::Scope;

/// Which rows of the catalogue's answers a table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editions {
    /// The preferred value of every cell.
    Preferred,
    /// Every edition of every value.
    All,
}

/// The provider behind both tables.
#[derive(Debug)]
pub struct IndicatorTable {
    definitions: Arc<Definitions>,
    editions: Editions,
    schema: SchemaRef,
    /// Where its statements look names up; `None` = in the session's own catalog.
    scope: Option<Scope>,
}

impl IndicatorTable {
    /// The table over these definitions.
    #[must_use]
    pub fn new(definitions: Arc<Definitions>, editions: Editions) -> Self {
        Self { definitions, editions, schema: schema(editions), scope: None }
    }

    /// The table of another catalog than the session's own.
    #[must_use]
    pub fn within(self, scope: Option<Scope>) -> Self {
        Self { scope, ..self }
    }

    /// The statement that answers a request, as one text.
    #[must_use]
    pub fn sql(definitions: &Definitions, request: &Request) -> Vec<String> {
        compile::parts(&definitions.catalogue, request).iter().map(Part::to_sql).collect()
    }
}

/// Columns that both tables share, then edition and date of publication.
fn schema(editions: Editions) -> SchemaRef {
    let mut fields: Vec<Field> = compile::COLUMNS
        .iter()
        .map(|name| {
            let data_type = match *name {
                "definition_version" | "year" => DataType::Int32,
                "geo_id" | "n" => DataType::Int64,
                "numerator" | "denominator" | "value" | "se" | "coverage" => DataType::Float64,
                "published_on" => DataType::Date32,
                _ => DataType::Utf8,
            };
            Field::new(*name, data_type, true)
        })
        .collect();
    if editions == Editions::Preferred {
        fields.retain(|field| !matches!(field.name().as_str(), "edition" | "published_on"));
    }
    Arc::new(Schema::new(fields))
}

#[async_trait]
impl TableProvider for IndicatorTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Filters choose what is computed; the rows are filtered again above.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let state = state
            .as_any()
            .downcast_ref::<SessionState>()
            .ok_or_else(|| DataFusionError::Internal("indicators need a session state".to_owned()))?;
        let own = self.scope.as_ref().map(|scope| scope.state(state)).transpose()?;
        let state = own.as_ref().unwrap_or(state);
        let request = Request::from_filters(filters);
        let schema = match projection {
            Some(projection) => Arc::new(self.schema.project(projection)?),
            None => Arc::clone(&self.schema),
        };
        let mut plans = Vec::new();
        for group in by_indicator(compile::parts(&self.definitions.catalogue, &request)) {
            plans.push(Box::pin(self.plan(state, group, &schema)).await?);
        }
        match plans.len() {
            0 => Ok(Arc::new(EmptyExec::new(schema))),
            1 => Ok(plans.remove(0)),
            _ => UnionExec::try_new(QueuedExec::all(plans)),
        }
    }
}

/// Derivations of one indicator compete for its cells, so they are planned together.
fn by_indicator(parts: Vec<Part>) -> Vec<Vec<Part>> {
    let mut groups: Vec<Vec<Part>> = Vec::new();
    for part in parts {
        match groups.iter_mut().find(|group| group[0].indicator == part.indicator) {
            Some(group) => group.push(part),
            None => groups.push(vec![part]),
        }
    }
    groups
}

/// Two derivations answer one tier, or a view holds several editions: a value must be preferred.
fn needs_preference(parts: &[Part]) -> bool {
    parts.iter().any(|part| part.has_editions)
        || parts.iter().enumerate().any(|(index, part)| {
            parts[index + 1..].iter().any(|other| other.tiers.iter().any(|tier| part.tiers.contains(tier)))
        })
}

impl IndicatorTable {
    async fn plan(
        &self,
        state: &SessionState,
        parts: Vec<Part>,
        schema: &SchemaRef,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let shared = SharedSteps::default();
        let has_preference = self.editions == Editions::Preferred && needs_preference(&parts);
        let mut selects = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let steps = self.share(state, &shared, part, index).await?;
            for select in &part.selects {
                let one = Part { steps: steps.clone(), selects: vec![select.clone()], ..part.clone() };
                selects.push(format!("select * from (\n{}\n) part", one.to_sql()));
            }
        }
        let mut from = selects.join("\nunion all\n");
        if has_preference {
            from = preferred(&from);
        }
        let columns: Vec<String> = schema.fields().iter().map(|field| cast(field)).collect();
        let list = if columns.is_empty() { "indicator".to_owned() } else { columns.join(", ") };
        let sql = format!("select {list} from (\n{from}\n) answer");
        let overlay = shared.overlay(state)?;
        let logical = Box::pin(overlay.create_logical_plan(&sql)).await?;
        let mut plan = Box::pin(overlay.create_physical_plan(&logical)).await?;
        if columns.is_empty() {
            plan = Arc::new(ProjectionExec::try_new(Vec::<ProjectionExpr>::new(), plan)?);
        }
        // A union is nullable where one side is: the answer has the declared schema whatever the
        // statement let the engine conclude about NULLs.
        UnionExec::try_new(vec![Arc::new(EmptyExec::new(Arc::clone(schema))), plan])
    }

    /// The steps of a part, those that several selects read replaced by a shared one.
    async fn share(
        &self,
        state: &SessionState,
        shared: &SharedSteps,
        part: &Part,
        index: usize,
    ) -> Result<Vec<(String, String)>> {
        if part.selects.len() == 1 {
            return Ok(part.steps.clone());
        }
        let mut private = Vec::new();
        let mut steps = Vec::new();
        for (name, text) in &part.steps {
            if compile::PRIVATE_STEPS.contains(&name.as_str()) {
                private.push((name.clone(), text.clone()));
                continue;
            }
            let step = Part { steps: private.clone(), selects: vec![text.clone()], ..part.clone() };
            let table = shared.add(state, &format!("{name}_{index}"), &step.to_sql()).await?;
            steps.push((name.clone(), format!("select * from {table}")));
        }
        Ok(steps)
    }
}

/// One value per cell: the first derivation that has one.
fn preferred(from: &str) -> String {
    let mut keys = vec!["indicator", "year", "tier", "geo_code", "level", "breakdown"];
    keys.extend(crate::definitions::DIMENSIONS);
    format!(
        "select * from (\n    select *, row_number() over (\n        partition by {}\n        order by case when value is \
         null then 1 else 0 end, derivation, published_on desc nulls last, edition desc\n    ) as preference\n    from \
         (\n{from}\n    ) candidate\n) choice where preference = 1",
        keys.join(", ")
    )
}

/// The column in its declared type.
fn cast(field: &Field) -> String {
    let sql_type = match field.data_type() {
        DataType::Int32 => "int",
        DataType::Int64 => "bigint",
        DataType::Float64 => "double",
        DataType::Date32 => "date",
        _ => "varchar",
    };
    format!("cast({name} as {sql_type}) as {name}", name = field.name())
}
