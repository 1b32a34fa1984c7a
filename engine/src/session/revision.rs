//! `mart.comparison`: every cell of a fixed year as known then and as known now, and which submissions came between;
//! `mart.revision`: those of them that differ.
//!
//! The tables compare `archive_<year>.mart.indicator` with `mart.indicator` for the years that are
//! fixed. What a query asks of it is asked of both sides, so that only the indicators, tiers and
//! breakdowns named are computed, twice; as there, organisations only where that tier is asked for. Indicators
//! made of these tables are not compared themselves.
//!
//! A submission changed a cell when it came after the fixing, brought a form that the indicator is made of,
//! for the year that the indicator takes it from, and for a place within the cell's.

use std::collections::BTreeSet;
use std::fmt::Write as _;
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
use datafusion::sql::unparser::expr_to_sql;

use super::indicator::Request;
use crate::definitions::{Assets, DIMENSIONS, Definitions, Derivation, Term};
use crate::lake::archive::ArchiveRef;

/// What a cell is, beside the year and the dimensions.
const CELL: [&str; 5] = ["indicator", "tier", "geo_code", "level", "breakdown"];
/// What is compared.
const COMPARED: [&str; 3] = ["numerator", "denominator", "value"];

/// What a derivation reads that is made of this comparison.
const OF_REVISIONS: [&str; 2] = ["mart.comparison", "mart.revision"];

/// Which cells are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// Those of either side.
    All,
    /// Those that differ.
    Revised,
}

/// The provider.
#[derive(Debug)]
pub struct RevisionTable {
    definitions: Arc<Definitions>,
    archives: Vec<ArchiveRef>,
    cells: Cells,
    schema: SchemaRef,
}

impl RevisionTable {
    /// Over the archives of a session.
    #[must_use]
    pub fn new(definitions: Arc<Definitions>, archives: Vec<ArchiveRef>, cells: Cells) -> Self {
        // Addenda are later states of the same year; what is compared is the one fixed.
        let archives = archives.into_iter().filter(|one| one.name == one.year.to_string()).collect();
        Self { definitions, archives, cells, schema: schema() }
    }

    /// The statement for one year, for cells that meet the conditions.
    fn sql(&self, archive: &ArchiveRef, request: &Request, conditions: &str) -> String {
        let (year, catalog) = (archive.year, archive.catalog());
        let keys: Vec<&str> = CELL.into_iter().chain(DIMENSIONS).collect();
        let conditions = format!("{conditions}{}", self.left_out());
        let side = |prefix: &str, table: &str| {
            let mut columns: Vec<String> =
                keys.iter().map(|key| format!("{key} as {prefix}_{key}")).collect();
            for column in COMPARED.into_iter().chain(["unit", "geo_id", "definition_version"]) {
                columns.push(format!("{column} as {prefix}_{column}"));
            }
            format!("select {}\n    from {table}\n    where year = {year}{conditions}", columns.join(", "))
        };
        let same: Vec<String> = keys.iter().map(|key| format!("t.then_{key} = n.now_{key}")).collect();
        let differs: Vec<String> = COMPARED
            .iter()
            .map(|column| format!("(t.then_{column} is distinct from n.now_{column})"))
            .collect();
        let either: Vec<String> = keys
            .iter()
            .chain(&["unit", "geo_id"])
            .map(|key| format!("coalesce(n.now_{key}, t.then_{key}) as {key}"))
            .collect();
        let compared: Vec<String> =
            COMPARED.iter().map(|column| format!("t.then_{column}, n.now_{column}")).collect();
        let differs = differs.join(" or ");
        let shown = if self.cells == Cells::All { "true" } else { &differs };
        let (facts, version) = (self.facts(request), archive.lake_version);
        format!(
            "with fixed as (\n    {}\n),\nlive as (\n    {}\n),\ncell as (\n    select {}, {}, t.then_definition_version, \
             n.now_definition_version,\n        case when t.then_indicator is null then 'added' when n.now_indicator is null \
             then 'removed' when {differs} then 'changed' else 'unchanged' end as change_kind\n    from fixed t\n    full join live n on {}\n    where {}\n),\n\
             fact as (\n    {facts}\n),\nlanded as (\n    select s.submission as landed_submission, s.form as landed_form, s.year \
             as landed_year, s.region as landed_region, s.district as landed_district, s.org_bin as landed_org\n    from \
             bilim.gov.scope s\n    join bilim.gov.submission b on b.submission = s.submission\n    where b.outcome = \
             'accepted' and b.lake_version > {version}\n),\nplace as (\n    select landed_submission, landed_form, landed_year, \
             'republic' as place_tier, '' as place_code from landed\n    union\n    select landed_submission, landed_form, \
             landed_year, 'region', cast(landed_region as varchar) from landed\n    union\n    select landed_submission, \
             landed_form, landed_year, 'district', cast(landed_district as varchar) from landed\n    union\n    select \
             landed_submission, landed_form, landed_year, 'organisation', lpad(cast(landed_org as varchar), 12, '0') from \
             landed\n),\nmoved as (\n    select distinct f.fact_indicator, p.place_tier, p.place_code, p.landed_submission\n    \
             from place p\n    join fact f on f.fact_form = p.landed_form and p.landed_year = {year} - f.fact_shift\n),\n\
             mover as (\n    select fact_indicator, place_tier, place_code, count(*) as submission_count,\n        \
             string_agg(cast(landed_submission as varchar), ',' order by landed_submission) as submissions\n    from moved\n    \
             group by fact_indicator, place_tier, place_code\n)\nselect {year} as year, c.*, c.now_value - c.then_value as \
             change, {version} as lake_version_then, coalesce(m.submission_count, 0) as submission_count, m.submissions\n\
             from cell c\nleft join mover m on m.fact_indicator = c.indicator and m.place_tier = c.tier and m.place_code = \
             case c.tier when 'republic' then '' when 'region' then substr(c.geo_code, 1, 2) else c.geo_code end",
            side("then", &format!("{catalog}.mart.indicator")),
            side("now", "bilim.mart.indicator"),
            either.join(", "),
            compared.join(", "),
            same.join(" and "),
            shown,
        )
    }

    /// The condition that leaves out what is made of revisions: they would be compared without end.
    fn left_out(&self) -> String {
        let is_of_revisions = |view: &str| {
            views_of(&self.definitions, view).iter().any(|view| OF_REVISIONS.contains(&view.as_str()))
        };
        let mut codes: Vec<String> = Vec::new();
        for indicator in &self.definitions.catalogue.indicators {
            if indicator.derivations.iter().flat_map(measures).any(|(view, _)| is_of_revisions(&view)) {
                codes.push(format!("'{}'", indicator.code));
            }
        }
        if codes.is_empty() { String::new() } else { format!(" and indicator not in ({})", codes.join(", ")) }
    }

    /// Which forms of which year (relative to the cell's) each indicator is made of, as rows.
    fn facts(&self, request: &Request) -> String {
        let mut facts: BTreeSet<(String, String, i32)> = BTreeSet::new();
        let asked = |code: &str| request.indicators.as_ref().is_none_or(|codes| codes.contains(code));
        for indicator in &self.definitions.catalogue.indicators {
            let applications = super::indicator::PARITY
                .iter()
                .map(|(parity, ..)| *parity)
                .chain([super::indicator::DISPERSION])
                .map(|application| format!("{application}:{}", indicator.code));
            let codes: Vec<String> =
                applications.chain([indicator.code.clone()]).filter(|code| asked(code)).collect();
            for (measure, shift) in indicator.derivations.iter().flat_map(measures) {
                for form in forms_of(&self.definitions, &measure) {
                    facts.extend(codes.iter().map(|code| (code.clone(), form.clone(), shift)));
                }
            }
        }
        let mut sql = String::new();
        for (code, form, shift) in &facts {
            let lead = if sql.is_empty() { "" } else { "\n    union all\n    " };
            let _ = write!(
                sql,
                "{lead}select '{code}' as fact_indicator, '{form}' as fact_form, {shift} as fact_shift"
            );
        }
        if sql.is_empty() {
            sql.push_str("select '' as fact_indicator, '' as fact_form, 0 as fact_shift where false");
        }
        sql
    }
}

/// Measure sets or views of a derivation, with the years they look back or ahead.
fn measures(derivation: &Derivation) -> Vec<(String, i32)> {
    let term = |term: &Term| (format!("measures.{}", term.measure), term.shift_year);
    let terms = derivation.numerator.iter().chain(&derivation.denominator).map(term);
    terms.chain(derivation.view.iter().map(|view| (view.clone(), 0))).collect()
}

/// Forms that a view reads, through the views between.
fn forms_of(definitions: &Definitions, view: &str) -> BTreeSet<String> {
    let views = views_of(definitions, view);
    let tables: BTreeSet<&str> = views.iter().filter_map(|view| view.strip_prefix("staging.")).collect();
    let forms = definitions.forms.iter().filter(|form| tables.contains(form.table().as_str()));
    forms.map(|form| form.code.clone()).collect()
}

/// A view and the views that it reads, down to those of forms.
fn views_of(definitions: &Definitions, view: &str) -> BTreeSet<String> {
    let (mut open, mut seen) = (vec![view.to_owned()], BTreeSet::new());
    while let Some(view) = open.pop() {
        if seen.insert(view.clone()) && !view.starts_with("staging.") {
            open.extend(named_by(&definitions.assets, &view));
        }
    }
    seen
}

/// Views that the text of a view names.
fn named_by(assets: &Assets, view: &str) -> Vec<String> {
    let Ok(text) = assets.text(&format!("sql/{}.sql", view.replace('.', "/"))) else { return Vec::new() };
    let code = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let is_name = |symbol: char| symbol.is_ascii_alphanumeric() || symbol == '_' || symbol == '.';
    let words = code.flat_map(|line| line.split(move |symbol| !is_name(symbol)));
    let is_view = |word: &&str| {
        ["staging.", "measures.", "ref.", "mart."].iter().any(|schema| word.starts_with(schema))
    };
    words.filter(is_view).map(str::to_owned).collect()
}

fn schema() -> SchemaRef {
    let field = |name: &str, data_type: DataType| Field::new(name, data_type, true);
    let mut fields = vec![field("year", DataType::Int32)];
    fields.extend(CELL.into_iter().chain(DIMENSIONS).map(|name| field(name, DataType::Utf8)));
    fields.push(field("unit", DataType::Utf8));
    fields.push(field("geo_id", DataType::Int64));
    fields.push(field("change_kind", DataType::Utf8));
    for name in COMPARED {
        fields.push(field(&format!("then_{name}"), DataType::Float64));
        fields.push(field(&format!("now_{name}"), DataType::Float64));
    }
    fields.push(field("change", DataType::Float64));
    fields.push(field("then_definition_version", DataType::Int32));
    fields.push(field("now_definition_version", DataType::Int32));
    fields.push(field("lake_version_then", DataType::Int64));
    fields.push(field("submission_count", DataType::Int64));
    fields.push(field("submissions", DataType::Utf8));
    Arc::new(Schema::new(fields))
}

/// Filters on the cell as conditions for both sides; the others are applied above.
fn conditions(filters: &[Expr]) -> String {
    let mut sql = String::new();
    for filter in filters {
        let is_of_cell = filter
            .column_refs()
            .iter()
            .all(|column| CELL.contains(&column.name.as_str()) || DIMENSIONS.contains(&column.name.as_str()));
        if let (true, false, Ok(text)) = (is_of_cell, filter.is_volatile(), expr_to_sql(filter)) {
            let _ = write!(sql, " and ({text})");
        }
    }
    sql
}

#[async_trait]
impl TableProvider for RevisionTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
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
            .ok_or_else(|| DataFusionError::Internal("revisions need a session state".to_owned()))?;
        let schema = match projection {
            Some(projection) => Arc::new(self.schema.project(projection)?),
            None => Arc::clone(&self.schema),
        };
        let request = Request::from_filters(filters);
        let conditions = conditions(filters);
        let mut plans: Vec<Arc<dyn ExecutionPlan>> = vec![Arc::new(EmptyExec::new(Arc::clone(&schema)))];
        let is_asked = |archive: &&ArchiveRef| {
            let year = i64::from(archive.year);
            request.year_from.is_none_or(|from| from <= year) && request.year_to.is_none_or(|to| year <= to)
        };
        for archive in self.archives.iter().filter(is_asked) {
            let columns: Vec<String> = schema.fields().iter().map(|field| cast(field)).collect();
            let list = if columns.is_empty() { "indicator".to_owned() } else { columns.join(", ") };
            let sql = format!("select {list} from (\n{}\n) answer", self.sql(archive, &request, &conditions));
            let logical = Box::pin(state.create_logical_plan(&sql)).await?;
            let mut plan = Box::pin(state.create_physical_plan(&logical)).await?;
            if columns.is_empty() {
                plan = Arc::new(ProjectionExec::try_new(Vec::<ProjectionExpr>::new(), plan)?);
            }
            plans.push(plan);
        }
        match plans.len() {
            1 => Ok(plans.remove(0)),
            _ => UnionExec::try_new(plans),
        }
    }
}

/// The column in its declared type.
fn cast(field: &Field) -> String {
    let sql_type = match field.data_type() {
        DataType::Int32 => "int",
        DataType::Int64 => "bigint",
        DataType::Float64 => "double",
        _ => "varchar",
    };
    format!("cast({name} as {sql_type}) as {name}", name = field.name())
}
