//! How a plan shows what came from rollups.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::{DataFusionError, Result, Statistics};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};

use crate::operator::over_input;

/// Rows of a measure set, some read from rollups, some computed; passes them on as they are.
#[derive(Debug, Clone)]
pub struct RollupExec {
    input: Arc<dyn ExecutionPlan>,
    shown: Shown,
}

/// What `EXPLAIN` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    name: String,
    read: String,
    computed: String,
}

impl Shown {
    /// Partitions that are read and those that are computed.
    pub(super) fn new(name: &str, read: &[&[i32]], computed: &[&[i32]]) -> Self {
        Self { name: name.to_owned(), read: partitions(read), computed: partitions(computed) }
    }
}

impl RollupExec {
    /// Over the plan that reads and computes.
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, shown: Shown) -> Self {
        Self { input, shown }
    }
}

/// `2023: 11 15; 2024: 11`; `all` for a rollup that is not by partition, `none` for nothing.
fn partitions(of: &[&[i32]]) -> String {
    let mut years: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    for partition in of {
        match partition {
            [year, region] => years.entry(*year).or_default().push(region.to_string()),
            _ => return "all".to_owned(),
        }
    }
    if years.is_empty() {
        return "none".to_owned();
    }
    let years: Vec<String> =
        years.into_iter().map(|(year, regions)| format!("{year}: {}", regions.join(" "))).collect();
    years.join("; ")
}

/// What the rollups of a plan say of themselves, for plans that hide theirs.
#[must_use]
pub fn mentions(plan: &dyn ExecutionPlan) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(rollup) = plan.downcast_ref::<RollupExec>() {
        found.push(rollup.shown.to_string());
    }
    for child in plan.children() {
        found.extend(mentions(child.as_ref()));
    }
    found.sort();
    found.dedup();
    found
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "measure={}, read=[{}], computed=[{}]", self.name, self.read, self.computed)
    }
}

impl DisplayAs for RollupExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RollupExec: {}", self.shown)
    }
}

impl ExecutionPlan for RollupExec {
    fn name(&self) -> &'static str {
        "RollupExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    over_input!(|this, input| Self { input, shown: this.shown.clone() });

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.input.execute(partition, context)
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let input = inputs.first().map(Arc::clone);
        input.ok_or_else(|| DataFusionError::Internal("a rollup without its input".to_owned()))
    }

    fn gather_filters_for_pushdown(
        &self,
        _: FilterPushdownPhase,
        parent_filters: Vec<Arc<dyn PhysicalExpr>>,
        _: &ConfigOptions,
    ) -> Result<FilterDescription> {
        FilterDescription::from_children(parent_filters, &self.children())
    }

    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        Ok(FilterPushdownPropagation::if_all(result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_listed_by_year() {
        let shown = Shown::new("enrolment", &[&[2024, 11], &[2023, 15], &[2024, 15]], &[]);
        assert_eq!(shown.to_string(), "measure=enrolment, read=[2023: 15; 2024: 11 15], computed=[none]");
        assert_eq!(Shown::new("flow", &[&[]], &[]).to_string(), "measure=flow, read=[all], computed=[none]");
    }
}
