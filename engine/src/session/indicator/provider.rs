//! `mart.indicator` and `mart.indicator_edition`: tables that plan only what a query asks for.

use std::collections::BTreeMap;
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

use super::compile::{self, PARITY, Part};
use super::declared::DeclaredExec;
use super::disclosure::{self, DisclosureExec, Rule};
use super::kept::{KeptExec, projected};
use super::plans::Plans;
use super::queued::QueuedExec;
use super::request::Request;
use super::shared::{SharedSteps, in_memory};
use super::vintage;
use crate::config::{Audience, Lens};
use crate::definitions::{DIMENSIONS, Definitions, Indicator};
use crate::session::archive::Scope;
use crate::session::rollups::Rollups;

/// Most indicators of one statement whose answers and plans are kept: who asks for all of them asks once.
const MOST_KEPT: usize = 16;

/// Which rows of the catalogue's answers a table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editions {
    /// The preferred value of every cell.
    Preferred,
    /// Every edition of every value.
    All,
    /// The preferred value of every cell, in every vintage of the territory.
    InVintages,
}

/// The provider behind both tables.
#[derive(Debug)]
pub struct IndicatorTable {
    definitions: Arc<Definitions>,
    editions: Editions,
    schema: SchemaRef,
    /// Where its statements look names up; `None` = in the session's own catalog.
    scope: Option<Scope>,
    lens: Lens,
    /// Where sums and answers are kept in memory.
    rollups: Option<Arc<Rollups>>,
    /// Composite level -> base levels.
    levels: Arc<BTreeMap<String, Vec<String>>>,
    plans: Plans,
}

impl IndicatorTable {
    /// The table over these definitions.
    #[must_use]
    pub fn new(definitions: Arc<Definitions>, editions: Editions) -> Self {
        let levels = Arc::new(base_levels(&definitions));
        Self {
            definitions,
            editions,
            schema: schema(editions),
            scope: None,
            lens: Lens::default(),
            rollups: None,
            levels,
            plans: Plans::default(),
        }
    }

    /// The table as it is shown to somebody, and in which vintage.
    #[must_use]
    pub fn seen_through(self, lens: Lens) -> Self {
        Self { lens, ..self }
    }

    /// The table with its sums and answers kept.
    #[must_use]
    pub fn with_rollups(self, rollups: Option<Arc<Rollups>>) -> Self {
        Self { rollups, ..self }
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
    if editions == Editions::InVintages {
        fields.push(Field::new("boundary_vintage", DataType::Utf8, true));
        fields.push(Field::new("weighted_share", DataType::Float64, true));
        fields.push(Field::new("weight_kind", DataType::Utf8, true));
    }
    if editions != Editions::All {
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
        let mut request = Request::from_filters(filters);
        if self.lens.audience == Audience::Public {
            request = disclosure::whole(&request);
        }
        let is_few = request.indicators.as_ref().is_some_and(|codes| codes.len() <= MOST_KEPT);
        let keeps = is_few && self.keeps(&request);
        if keeps {
            // One answer for all levels and units; the rows are filtered above.
            request.levels = None;
            request.geo_codes = None;
        }
        let schema = match projection {
            Some(projection) => Arc::new(self.schema.project(projection)?),
            None => Arc::clone(&self.schema),
        };
        let mut plans = Vec::new();
        for vintage in self.vintages(&request) {
            request.vintage = (vintage != vintage::AS_REPORTED).then(|| vintage.clone());
            for group in by_indicator(compile::parts(&self.definitions.catalogue, &request)) {
                // All indicators together take seconds to plan; whoever gave up meanwhile is not planned for.
                tokio::task::yield_now().await;
                let answer = Answer { parts: group, vintage: &vintage, keeps, is_few };
                plans.push(Box::pin(self.shown(state, answer, &schema)).await?);
            }
        }
        match plans.len() {
            0 => Ok(Arc::new(EmptyExec::new(schema))),
            1 => Ok(plans.remove(0)),
            _ => UnionExec::try_new(QueuedExec::all(plans)),
        }
    }
}

/// The parts of one indicator, in one vintage.
struct Answer<'a> {
    parts: Vec<Part>,
    vintage: &'a str,
    /// Whether sums and rows may stay in memory.
    keeps: bool,
    /// Whether its plan may.
    is_few: bool,
}

/// Levels that are sums of others, from `level_member.csv`.
fn base_levels(definitions: &Definitions) -> BTreeMap<String, Vec<String>> {
    let text = definitions.assets.text("datasets/reference/level_member.csv").unwrap_or_default();
    let rows: Vec<(&str, &str)> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .collect();
    let is_base = |level: &str| rows.iter().filter(|(of, _)| *of == level).count() == 1;
    let mut levels: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (level, member) in &rows {
        if level != member && is_base(member) {
            levels.entry((*level).to_owned()).or_default().push((*member).to_owned());
        }
    }
    levels
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
    /// Whether what answers a request for few indicators is kept: as reported, no single organisations.
    fn keeps(&self, request: &Request) -> bool {
        let has_organisations = request.tiers.as_ref().is_some_and(|tiers| tiers.contains("organisation"));
        self.rollups.is_some()
            && self.editions == Editions::Preferred
            && self.lens.vintage.is_none()
            && !has_organisations
    }

    /// Vintages that the rows are asked for in.
    fn vintages(&self, request: &Request) -> Vec<String> {
        if self.editions != Editions::InVintages {
            return vec![self.lens.vintage.clone().unwrap_or_else(|| vintage::AS_REPORTED.to_owned())];
        }
        let is_wanted = |name: &String| request.vintages.as_ref().is_none_or(|wanted| wanted.contains(name));
        vintage::names(&self.definitions.assets).into_iter().filter(is_wanted).collect()
    }

    /// The plan of one indicator, without what its reader may not see.
    async fn shown(
        &self,
        state: &SessionState,
        answer: Answer<'_>,
        schema: &SchemaRef,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let code = answer.parts[0].indicator.clone();
        let (base, is_parity) = match code.split_once(':') {
            Some((_, base)) => (base, true),
            None => (code.as_str(), false),
        };
        let rule =
            self.definitions.catalogue.get(base).map(|indicator: &Indicator| {
                Rule::new(indicator, &self.levels, self.editions == Editions::All)
            });
        let Some(rule) = rule.filter(|rule| self.lens.audience == Audience::Public && !rule.is_open()) else {
            return self.plan(state, answer, schema, None).await;
        };
        if is_parity {
            return self.plan(state, answer, schema, Some(&code)).await;
        }
        let plan = self.plan(state, answer, &self.schema, None).await?;
        let plan = Arc::new(DisclosureExec::new(plan, rule));
        projected(plan, schema)
    }

    /// A parity index is hidden where the public may not see one of the two values that it compares.
    fn without_hidden(&self, from: &str, code: &str, vintage: &str) -> String {
        let Some((parity, base)) = code.split_once(':') else { return from.to_owned() };
        let Some((_, dim, above, under)) = PARITY.iter().find(|(known, ..)| *known == parity) else {
            return from.to_owned();
        };
        let (table, also) = match self.editions {
            Editions::Preferred => ("mart.indicator", String::new()),
            Editions::All => ("mart.indicator_edition", String::new()),
            Editions::InVintages => {
                ("mart.indicator_vintage", format!(" and boundary_vintage = '{vintage}'"))
            }
        };
        let mut keys = vec!["year", "tier", "geo_code", "level"];
        keys.extend(DIMENSIONS.into_iter().filter(|other| other != dim));
        let list = keys.join(", ");
        let matched: Vec<String> = keys.iter().map(|key| format!("h.{key} = a.{key}")).collect();
        let columns: Vec<String> = compile::COLUMNS
            .iter()
            .chain(&vintage::COLUMNS)
            .map(|name| match *name {
                "numerator" | "denominator" | "value" | "se" | "n" | "coverage" => {
                    format!("case when h.is_hidden is null then a.{name} end as {name}")
                }
                "flag" => "case when h.is_hidden then 'suppressed' else a.flag end as flag".to_owned(),
                name => format!("a.{name} as {name}"),
            })
            .collect();
        format!(
            "select {}\nfrom (\n{from}\n) a\nleft join (\n    select {list}, true as is_hidden\n    from {table}\n    \
             where indicator = '{base}' and {dim} in ('{above}', '{under}') and flag = 'suppressed'{also}\n    group by \
             {list}\n) h on {}",
            columns.join(", "),
            matched.join(" and ")
        )
    }

    /// The plan of an answer, or of reading it where it was kept.
    async fn plan(
        &self,
        state: &SessionState,
        answer: Answer<'_>,
        schema: &SchemaRef,
        parity: Option<&str>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // What a parity index hides depends on other answers.
        let rollups = self.rollups.as_ref().filter(|_| answer.keeps && parity.is_none());
        let text = || answer.parts.iter().map(Part::to_sql).collect::<Vec<_>>().join("\n\n");
        let Some(kept) = rollups.and_then(|rollups| rollups.place(&text())) else {
            return self.planned(state, answer, schema, parity).await;
        };
        let name = answer.parts[0].indicator.clone();
        let plan = if let Some(plan) = in_memory(&kept)? {
            KeptExec::new(plan, &name, None)
        } else {
            let plan = self.planned(state, answer, &self.schema, None).await?;
            KeptExec::new(plan, &name, Some(kept))
        };
        projected(Arc::new(plan), schema)
    }

    /// The plan that computes an answer, made once a session.
    async fn planned(
        &self,
        state: &SessionState,
        answer: Answer<'_>,
        schema: &SchemaRef,
        parity: Option<&str>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if !answer.is_few {
            return self.compute(state, answer, schema, parity).await;
        }
        let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let texts: Vec<String> = answer.parts.iter().map(Part::to_sql).collect();
        let key = format!(
            "{} {} {parity:?} {} {columns:?}\n{}",
            // Names in the texts are looked up there.
            state.config_options().catalog.default_catalog,
            answer.vintage,
            answer.keeps,
            texts.join("\n\n")
        );
        if let Some(plan) = self.plans.get(&key)? {
            return Ok(plan);
        }
        let plan = self.compute(state, answer, schema, parity).await?;
        self.plans.keep(key, plan)
    }

    async fn compute(
        &self,
        state: &SessionState,
        answer: Answer<'_>,
        schema: &SchemaRef,
        parity: Option<&str>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Answer { mut parts, vintage, keeps, .. } = answer;
        let shared = SharedSteps::default();
        let overlay = shared.overlay(state)?;
        let state = &overlay;
        if parts.iter().any(|part| part.is_recast) {
            self.place_once(state, &shared, &mut parts, vintage).await?;
        }
        let has_preference = self.editions != Editions::All && needs_preference(&parts);
        // Beside rows of another vintage those that stayed as they were say that nothing rests on weights.
        let unweighted = if parts.iter().any(|part| part.is_recast)
            || self.editions == Editions::InVintages
            || parity.is_some()
        {
            ", cast(0 as double) as weighted_share, 'exact' as weight_kind"
        } else {
            ""
        };
        let mut selects = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let steps = self.share(state, &shared, (part, index), keeps).await?;
            for select in &part.selects {
                let one = Part { steps: steps.clone(), selects: vec![select.clone()], ..part.clone() };
                let also = if part.is_recast { "" } else { unweighted };
                selects.push(format!("select *{also} from (\n{}\n) part", one.to_sql()));
            }
        }
        let mut from = selects.join("\nunion all\n");
        if has_preference {
            from = preferred(&from);
        }
        if let Some(code) = parity {
            from = self.without_hidden(&from, code, vintage);
        }
        if self.editions == Editions::InVintages {
            from = format!("select *, '{vintage}' as boundary_vintage from (\n{from}\n) of_vintage");
        }
        let columns: Vec<String> = schema.fields().iter().map(|field| cast(field)).collect();
        let list = if columns.is_empty() { "indicator".to_owned() } else { columns.join(", ") };
        let sql = format!("select {list} from (\n{from}\n) answer");
        let logical = Box::pin(state.create_logical_plan(&sql)).await?;
        let mut plan = Box::pin(state.create_physical_plan(&logical)).await?;
        if columns.is_empty() {
            plan = Arc::new(ProjectionExec::try_new(Vec::<ProjectionExpr>::new(), plan)?);
        }
        Ok(Arc::new(DeclaredExec::new(plan, schema)))
    }

    /// Where units and organisations stand in a vintage, computed once for all that ask.
    async fn place_once(
        &self,
        state: &SessionState,
        shared: &SharedSteps,
        parts: &mut [Part],
        vintage: &str,
    ) -> Result<()> {
        for view in ["vintage_unit", "vintage_organisation"] {
            let sql = format!("select * from ref.{view} where vintage = '{vintage}'");
            let (named, table) = (format!("ref.{view}"), shared.add(state, view, &sql, None).await?);
            for part in parts.iter_mut().filter(|part| part.is_recast) {
                let texts = part.steps.iter_mut().map(|(_, text)| text).chain(&mut part.selects);
                texts.for_each(|text| *text = text.replace(&named, &table));
            }
        }
        Ok(())
    }

    /// The steps of a part, those that several selects read replaced by a shared one.
    async fn share(
        &self,
        state: &SessionState,
        shared: &SharedSteps,
        (part, index): (&Part, usize),
        keeps: bool,
    ) -> Result<Vec<(String, String)>> {
        let rollups = self.rollups.as_ref().filter(|_| keeps);
        if part.selects.len() == 1 && rollups.is_none() {
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
            let sql = step.to_sql();
            let kept = rollups.and_then(|rollups| rollups.place(&sql));
            let table = shared.add(state, &format!("{name}_{index}"), &sql, kept).await?;
            steps.push((name.clone(), format!("select * from {table}")));
        }
        Ok(steps)
    }
}

/// One value per cell: the first derivation that has one.
fn preferred(from: &str) -> String {
    let mut keys = vec!["indicator", "year", "tier", "geo_code", "level", "breakdown"];
    keys.extend(DIMENSIONS);
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
