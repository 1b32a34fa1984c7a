//! What the public may not see of an indicator: cells of too few persons, and those that would give them away.
//!
//! All territorial rows of one indicator are one table a year: units add up to their parent, members of a dimension to
//! its total, levels to composites. Which cells are hidden is decided over the whole table, whatever part of it was
//! asked for, so that two questions cannot be played against each other. Organisations are decided after the tiers
//! above them, which must not change when somebody asks for organisations.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use bilim_domain::disclosure::{Cell, Sum, hidden};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use datafusion::arrow::compute::{cast, concat_batches, nullif};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, reset_plan_states};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, collect,
};

use super::request::Request;
use crate::definitions::{DIMENSIONS, Indicator};
use crate::operator::over_finished_plan;

/// Columns that a hidden cell does not have.
const HIDDEN: [&str; 7] = ["numerator", "denominator", "value", "se", "n", "coverage", "weighted_share"];

/// Tiers whose units add up, each with the one above.
const ABOVE: [(&str, &str); 3] =
    [("organisation", "district"), ("district", "region"), ("region", "republic")];

/// What is too few, and which levels add up to which.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// Smallest `n` that is shown.
    pub min_n: i64,
    /// Smallest count above the line that is shown.
    pub min_count: i64,
    /// Composite level -> its base levels.
    pub levels: Arc<BTreeMap<String, Vec<String>>>,
    /// Editions stand side by side and are tables of their own.
    pub is_by_edition: bool,
}

impl Rule {
    pub(super) fn new(
        indicator: &Indicator,
        levels: &Arc<BTreeMap<String, Vec<String>>>,
        is_by_edition: bool,
    ) -> Self {
        let (min_n, min_count) = (indicator.min_n, indicator.min_count);
        Self { min_n, min_count, levels: Arc::clone(levels), is_by_edition }
    }

    /// Nothing of the indicator is about few persons.
    pub(super) fn is_open(&self) -> bool {
        self.min_n <= 1 && self.min_count <= 1
    }
}

/// The request for the whole table that an asked-for part belongs to.
pub(super) fn whole(request: &Request) -> Request {
    let mut tiers: BTreeSet<String> =
        ["district", "region", "republic"].iter().map(|tier| (*tier).to_owned()).collect();
    for tier in request.tiers.iter().flatten() {
        tiers.insert(tier.clone());
    }
    if request.tiers.is_none() {
        tiers.insert("international".to_owned());
    }
    Request {
        tiers: Some(tiers),
        levels: None,
        breakdowns: None,
        broken_down: Vec::new(),
        geo_codes: None,
        ..request.clone()
    }
}

/// Rows with hidden cells emptied.
#[derive(Debug)]
pub(super) struct DisclosureExec {
    plan: Arc<dyn ExecutionPlan>,
    rule: Rule,
    properties: Arc<PlanProperties>,
}

impl DisclosureExec {
    pub(super) fn new(plan: Arc<dyn ExecutionPlan>, rule: Rule) -> Self {
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(plan.schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        ));
        Self { plan, rule, properties }
    }
}

impl DisplayAs for DisclosureExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DisclosureExec: min_n={}, min_count={}", self.rule.min_n, self.rule.min_count)
    }
}

impl ExecutionPlan for DisclosureExec {
    fn name(&self) -> &'static str {
        "DisclosureExec"
    }

    // No optimizer may push a filter below: the decision is over all rows.
    over_finished_plan!();

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (plan, rule, schema) = (Arc::clone(&self.plan), self.rule.clone(), self.schema());
        let stream = futures::stream::once(async move {
            let batches = collect(reset_plan_states(plan)?, context).await?;
            let rows = concat_batches(&schema, &batches)?;
            let is_hidden = decide(&rows, &rule)?;
            empty(&rows, &is_hidden)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream)))
    }
}

/// One row as the table sees it.
struct Row<'a> {
    table: (i32, String),
    tier: &'a str,
    code: &'a str,
    parent: &'a str,
    level: &'a str,
    members: [&'a str; DIMENSIONS.len()],
    cell: Cell,
}

/// A cell by tier, unit, level and members; of a unit that is no cell itself the key is the same.
type Key<'a> = (&'a str, &'a str, &'a str, [&'a str; DIMENSIONS.len()]);

fn decide(rows: &RecordBatch, rule: &Rule) -> Result<Vec<bool>> {
    let mut is_hidden = vec![false; rows.num_rows()];
    let text = Texts::new(rows)?;
    let mut tables: BTreeMap<(i32, String), Vec<(usize, Row<'_>)>> = BTreeMap::new();
    for index in 0..rows.num_rows() {
        if let Some(row) = text.row(index, rule) {
            tables.entry(row.table.clone()).or_default().push((index, row));
        }
    }
    for table in tables.values() {
        let upper: Vec<&(usize, Row<'_>)> =
            table.iter().filter(|(_, row)| row.tier != "organisation").collect();
        let cells: Vec<Cell> = upper.iter().map(|(_, row)| row.cell).collect();
        for ((index, _), is_out) in upper.iter().zip(hidden(&cells, &sums(&upper, rule))) {
            is_hidden[*index] = is_out;
        }
        if upper.len() == table.len() {
            continue;
        }
        // What is shown above stays shown: without size it is never hidden.
        let all: Vec<&(usize, Row<'_>)> = table.iter().collect();
        let cells: Vec<Cell> = all
            .iter()
            .map(|(index, row)| match row.tier {
                "organisation" => row.cell,
                _ => Cell { size: 0, is_primary: is_hidden[*index] },
            })
            .collect();
        for ((index, _), is_out) in all.iter().zip(hidden(&cells, &sums(&all, rule))) {
            is_hidden[*index] = is_out;
        }
    }
    Ok(is_hidden)
}

/// Everything that adds up in a table.
fn sums(rows: &[&(usize, Row<'_>)], rule: &Rule) -> Vec<Sum> {
    let at: HashMap<Key<'_>, usize> = rows
        .iter()
        .enumerate()
        .map(|(position, (_, row))| ((row.tier, row.code, row.level, row.members), position))
        .collect();
    let mut parts: BTreeMap<(usize, Key<'_>), Vec<usize>> = BTreeMap::new();
    for (position, (_, row)) in rows.iter().enumerate() {
        if let Some((_, above)) = ABOVE.iter().find(|(tier, _)| *tier == row.tier) {
            parts.entry((0, (above, row.parent, row.level, row.members))).or_default().push(position);
        }
        for dim in 0..DIMENSIONS.len() {
            if row.members[dim] != "_T" {
                let mut members = row.members;
                members[dim] = "_T";
                let key = (row.tier, row.code, row.level, members);
                parts.entry((1 + dim, key)).or_default().push(position);
            }
        }
    }
    let mut sums: Vec<Sum> =
        parts.into_iter().map(|((_, total), parts)| Sum { total: at.get(&total).copied(), parts }).collect();
    for (position, (_, row)) in rows.iter().enumerate() {
        let Some(base) = rule.levels.get(row.level) else { continue };
        let parts: Vec<usize> = base
            .iter()
            .filter_map(|level| at.get(&(row.tier, row.code, level.as_str(), row.members)).copied())
            .collect();
        if !parts.is_empty() {
            sums.push(Sum { total: Some(position), parts });
        }
    }
    sums
}

/// The columns that the decision reads.
struct Texts {
    names: Vec<ArrayRef>,
    dims: Vec<ArrayRef>,
    year: ArrayRef,
    amounts: [ArrayRef; 3],
}

impl Texts {
    fn new(rows: &RecordBatch) -> Result<Self> {
        let column = |name: &str, data_type: &DataType| -> Result<ArrayRef> {
            let column = rows
                .column_by_name(name)
                .ok_or_else(|| DataFusionError::Internal(format!("indicators have no column {name}")))?;
            Ok(cast(column, data_type)?)
        };
        let texts = |name: &str| match rows.column_by_name(name) {
            Some(_) => column(name, &DataType::Utf8),
            None => Ok(Arc::new(StringArray::new_null(rows.num_rows())) as ArrayRef),
        };
        let names = ["tier", "geo_code", "parent_code", "level", "source", "edition"];
        Ok(Self {
            names: names.into_iter().map(texts).collect::<Result<_>>()?,
            dims: DIMENSIONS.into_iter().map(texts).collect::<Result<_>>()?,
            year: column("year", &DataType::Int32)?,
            amounts: [
                column("n", &DataType::Int64)?,
                column("numerator", &DataType::Float64)?,
                column("numerator", &DataType::Int64)?,
            ],
        })
    }

    /// `None` for rows that are nobody's part: countries, and units without a name.
    fn row(&self, index: usize, rule: &Rule) -> Option<Row<'_>> {
        let [tier, code, parent, level, source, edition] =
            [0, 1, 2, 3, 4, 5].map(|name| text(&self.names[name], index));
        if tier == "international" {
            return None;
        }
        let mut members = ["_T"; DIMENSIONS.len()];
        for (member, array) in members.iter_mut().zip(&self.dims) {
            *member = text(array, index);
        }
        let n = self.amounts[0].as_primitive::<Int64Type>();
        let n = (!n.is_null(index)).then(|| n.value(index));
        let count = self.amounts[1].as_primitive::<Float64Type>();
        let count = (!count.is_null(index)).then(|| count.value(index).abs());
        let least = f64::from(u32::try_from(rule.min_count).unwrap_or(u32::MAX));
        let is_primary = n.is_some_and(|n| (1..rule.min_n).contains(&n))
            || count.is_some_and(|count| count > 0.0 && count < least);
        // Whole persons are enough to say which cell costs least.
        let whole = self.amounts[2].as_primitive::<Int64Type>();
        let size = n.or_else(|| (!whole.is_null(index)).then(|| whole.value(index).abs()));
        let size = size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        let edition = if rule.is_by_edition { format!("{source} {edition}") } else { String::new() };
        Some(Row {
            table: (self.year.as_primitive::<Int32Type>().value(index), edition),
            tier,
            code,
            parent: if tier == "region" { "KZ" } else { parent },
            level,
            members,
            cell: Cell { size, is_primary },
        })
    }
}

fn text(array: &ArrayRef, index: usize) -> &str {
    let texts = array.as_string::<i32>();
    if texts.is_null(index) { "" } else { texts.value(index) }
}

/// The rows, hidden ones without their numbers.
fn empty(rows: &RecordBatch, is_hidden: &[bool]) -> Result<RecordBatch> {
    let mask = BooleanArray::from(is_hidden.to_vec());
    let columns = rows
        .schema()
        .fields()
        .iter()
        .zip(rows.columns())
        .map(|(field, column)| {
            if HIDDEN.contains(&field.name().as_str()) {
                return nullif(column, &mask);
            }
            if field.name() != "flag" {
                return Ok(Arc::clone(column));
            }
            let flags = cast(column, &DataType::Utf8)?;
            let flags = flags.as_string::<i32>().iter().zip(is_hidden);
            let flags = flags.map(|(flag, is_out)| if *is_out { Some("suppressed") } else { flag });
            cast(&(Arc::new(flags.collect::<StringArray>()) as ArrayRef), field.data_type())
        })
        .collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(rows.schema(), columns)?)
}
