//! Aggregates in two levels: groups by finer keys first, and the answer from those.
//!
//! GROUPING SETS, CUBE and ROLLUP: the engine enters every row once per set. Here the rows are grouped once, by all
//! keys of all sets, and the sets are made from those groups:
//!
//! ```text
//! Aggregate: groupBy=[CUBE (a, b)], aggr=[avg(x)]
//!   input
//! ```
//!
//! becomes
//!
//! ```text
//! Projection: __key_0 AS a, __key_1 AS b, __grouping_id, __merged_0 / __merged_1 AS avg(x)
//!   Aggregate: groupBy=[CUBE (__key_0, __key_1)], aggr=[sum(__state_0) AS __merged_0, sum(__state_1) AS __merged_1]
//!     Aggregate: groupBy=[a AS __key_0, b AS __key_1], aggr=[sum(x) AS __state_0, count(x) AS __state_1]
//!       input
//! ```
//!
//! Distinct values: the engine's `single_distinct_aggregation_to_group_by` groups by them, but gives sums of decimals
//! beside them another type than it says (`tests/it/upstream.rs`) and does not know `count(*)` and `avg`. Ours does
//! both. Integers under keys are left to the engine's own sets, which are faster than groups of their own.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, DFSchema, Result};
use datafusion::logical_expr::expr::GroupingSet;
use datafusion::logical_expr::{Aggregate, Expr, ExprSchemable, LogicalPlan, Projection, cast};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

use super::Rewrites;
use super::states::{DISTINCT, States, column};

const KEY: &str = "__key_";

/// The rule; `bilim.two_level_grouping_sets` switches it off.
#[derive(Debug)]
pub struct TwoLevelGroupingSets;

impl OptimizerRule for TwoLevelGroupingSets {
    fn name(&self) -> &'static str {
        "two_level_grouping_sets"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let options = config.options();
        let is_on = options.extensions.get::<Rewrites>().is_none_or(|on| on.two_level_grouping_sets);
        let LogicalPlan::Aggregate(aggregate) = &plan else { return Ok(Transformed::no(plan)) };
        let [Expr::GroupingSet(sets)] = aggregate.group_expr.as_slice() else {
            return Ok(Transformed::no(plan));
        };
        let rewritten = if is_on { sets_of(aggregate, sets)? } else { None };
        Ok(rewritten.map_or_else(|| Transformed::no(plan), Transformed::yes))
    }
}

/// Distinct values of one expression by grouping; `bilim.distinct_by_grouping` leaves them to sets of values.
#[derive(Debug)]
pub struct DistinctByGrouping;

impl OptimizerRule for DistinctByGrouping {
    fn name(&self) -> &'static str {
        "distinct_by_grouping"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let options = config.options();
        let is_on = options.extensions.get::<Rewrites>().is_none_or(|on| on.distinct_by_grouping);
        let LogicalPlan::Aggregate(aggregate) = &plan else { return Ok(Transformed::no(plan)) };
        let rewritten = if is_on { distinct(aggregate)? } else { None };
        Ok(rewritten.map_or_else(|| Transformed::no(plan), Transformed::yes))
    }
}

fn sets_of(aggregate: &Aggregate, sets: &GroupingSet) -> Result<Option<LogicalPlan>> {
    let keys: Vec<&Expr> = sets.distinct_expr();
    let is_done = keys.iter().all(|key| matches!(key, Expr::Column(key) if key.name.starts_with(KEY)));
    if is_done || is_one_set(sets) {
        return Ok(None);
    }
    let renamed = |list: &[Expr]| -> Vec<Expr> {
        list.iter().filter_map(|expr| keys.iter().position(|key| *key == expr)).map(key_column).collect()
    };
    let coarser = match sets {
        GroupingSet::Rollup(list) => GroupingSet::Rollup(renamed(list)),
        GroupingSet::Cube(list) => GroupingSet::Cube(renamed(list)),
        GroupingSet::GroupingSets(lists) => {
            GroupingSet::GroupingSets(lists.iter().map(|list| renamed(list)).collect())
        }
    };
    let Some((states, answers)) = split(aggregate, &keys, States::new(aggregate.input.schema()))? else {
        return Ok(None);
    };
    let id = [column(Aggregate::INTERNAL_GROUPING_ID)];
    let columns = (0..keys.len()).map(key_column).chain(id).chain(answers);
    two_levels(aggregate, &keys, vec![Expr::GroupingSet(coarser)], states, columns)
}

fn distinct(aggregate: &Aggregate) -> Result<Option<LogicalPlan>> {
    let mut keys: Vec<&Expr> = Vec::with_capacity(aggregate.group_expr.len());
    for key in &aggregate.group_expr {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if keys.iter().any(|key| matches!(key, Expr::GroupingSet(_))) {
        return Ok(None);
    }
    let input = aggregate.input.schema();
    let Some((states, answers)) = split(aggregate, &keys, States::of_unique_values(input))? else {
        return Ok(None);
    };
    let Some(values) = states.distinct() else { return Ok(None) };
    if !keys.is_empty() && values.get_type(input)?.is_integer() {
        return Ok(None);
    }
    let columns = (0..keys.len()).map(key_column).chain(answers);
    two_levels(aggregate, &keys, (0..keys.len()).map(key_column).collect(), states, columns)
}

fn key_name(place: usize) -> String {
    format!("{KEY}{place}")
}

fn key_column(place: usize) -> Expr {
    column(key_name(place))
}

/// States and answers of all aggregates; `None` when one of them cannot be split.
fn split<'a>(
    aggregate: &Aggregate,
    keys: &[&Expr],
    mut states: States<'a>,
) -> Result<Option<(States<'a>, Vec<Expr>)>> {
    let is_movable = |expr: &Expr| !expr.is_volatile() && !expr.contains_outer();
    if !keys.iter().all(|key| is_movable(key)) || !aggregate.aggr_expr.iter().all(is_movable) {
        return Ok(None);
    }
    let mut answers = Vec::with_capacity(aggregate.aggr_expr.len());
    for call in &aggregate.aggr_expr {
        let Some(answer) = states.split(call)? else { return Ok(None) };
        answers.push(answer);
    }
    Ok(Some((states, answers)))
}

fn two_levels(
    aggregate: &Aggregate,
    keys: &[&Expr],
    coarser: Vec<Expr>,
    states: States<'_>,
    columns: impl Iterator<Item = Expr>,
) -> Result<Option<LogicalPlan>> {
    let named = keys.iter().enumerate().map(|(place, key)| (*key).clone().alias(key_name(place)));
    let finer = named.chain(states.distinct().map(|values| values.clone().alias(DISTINCT))).collect();
    let (partial, merged) = states.aggregates();
    let inner = Aggregate::try_new(Arc::clone(&aggregate.input), finer, partial)?;
    let outer = Aggregate::try_new(Arc::new(LogicalPlan::Aggregate(inner)), coarser, merged)?;
    named_as(&aggregate.schema, columns, LogicalPlan::Aggregate(outer))
}

/// The columns under the names of a schema; `None` when their types or NULLs would be others.
fn named_as(
    schema: &DFSchema,
    columns: impl Iterator<Item = Expr>,
    input: LogicalPlan,
) -> Result<Option<LogicalPlan>> {
    let mut named = Vec::with_capacity(schema.fields().len());
    for (expr, (table, field)) in columns.zip(schema.iter()) {
        let is_column = matches!(&expr, Expr::Column(Column { relation: None, name, .. }) if table.is_none() && name == field.name());
        let expr = cast_to(expr, field.data_type(), input.schema())?;
        named.push(if is_column { expr } else { expr.alias_qualified(table.cloned(), field.name()) });
    }
    let plan = Projection::try_new(named, Arc::new(input))?;
    let is_same = plan.schema.iter().eq(schema.iter());
    Ok(is_same.then_some(LogicalPlan::Projection(plan)))
}

/// Sums of sums of decimals have more digits than sums.
fn cast_to(expr: Expr, data_type: &DataType, schema: &DFSchema) -> Result<Expr> {
    Ok(if expr.get_type(schema)? == *data_type { expr } else { cast(expr, data_type.clone()) })
}

/// Nothing is gained where the sets are one.
fn is_one_set(sets: &GroupingSet) -> bool {
    match sets {
        GroupingSet::Rollup(list) | GroupingSet::Cube(list) => list.is_empty(),
        GroupingSet::GroupingSets(lists) => lists.len() < 2 || lists.iter().all(Vec::is_empty),
    }
}
