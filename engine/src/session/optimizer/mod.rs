//! Rewrites of logical plans that the engine does not do itself, each behind an option.
//!
//! A rewrite changes how rows are found, never which: `tests.rs` holds the answers, with names, types and NULLs,
//! equal to those of the plan as it was. EXPLAIN shows the columns that a rewrite adds; their names begin with
//! `__`.

mod batch_keys;
mod repeats;
mod states;
#[cfg(test)]
mod tests;
mod two_level;

use std::sync::Arc;

use datafusion::common::config::ConfigExtension;
use datafusion::common::extensions_options;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::optimizer::{Optimizer, OptimizerRule};

use batch_keys::GroupingByBatchKeys;
use two_level::{DistinctByGrouping, TwoLevelGroupingSets};

extensions_options! {
    /// Rewrites of logical plans; all are on.
    pub struct Rewrites {
        /// Compute GROUPING SETS, CUBE and ROLLUP from one grouping by all their keys.
        pub two_level_grouping_sets: bool, default = true
        /// Group by distinct values instead of keeping a set of them for each group.
        pub distinct_by_grouping: bool, default = true
        /// Look the different keys of a batch up, and not every row.
        pub grouping_by_batch_keys: bool, default = true
    }
}

impl ConfigExtension for Rewrites {
    const PREFIX: &'static str = "bilim";
}

/// What ours for distinct values stands in for.
const REPLACED: &str = "single_distinct_aggregation_to_group_by";

/// The engine's rules with ours in the place of [`REPLACED`], so that predicates are where they belong and common
/// expressions are still to be found.
pub fn with_rules(builder: SessionStateBuilder) -> SessionStateBuilder {
    let ours: [Arc<dyn OptimizerRule + Send + Sync>; 2] =
        [Arc::new(TwoLevelGroupingSets), Arc::new(DistinctByGrouping)];
    let mut rules = Optimizer::new().rules;
    let place = rules.iter().position(|rule| rule.name() == REPLACED).unwrap_or(rules.len());
    rules.splice(place..(place + 1).min(rules.len()), ours);
    builder.with_optimizer_rules(rules).with_physical_optimizer_rule(Arc::new(GroupingByBatchKeys))
}
