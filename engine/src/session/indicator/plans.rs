//! Plans of answers, so that a question that was planned is not planned again.
//!
//! Planning one indicator costs a hundred times what it costs to make its plan new: the engine's optimizers walk
//! hundreds of nodes of two dozen columns. In a session nothing that a plan rests on changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::physical_plan::ExecutionPlan;

use super::shared::{SharedExec, StepRows};

/// Most plans of a session; one holds the list of the files that it reads.
const MOST: usize = 64;

/// Plans by what they were made from. None of them ever runs: who asks gets a plan of its own.
#[derive(Debug, Default)]
pub struct Plans {
    known: Mutex<BTreeMap<String, Arc<dyn ExecutionPlan>>>,
}

impl Plans {
    /// A plan that was kept, as if it had just been made.
    ///
    /// # Errors
    /// When an operator cannot be made again.
    pub fn get(&self, key: &str) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let found = self.known().get(key).cloned();
        found.map(|plan| renewed(plan, &mut HashMap::new())).transpose()
    }

    /// Keep a plan that has not run; returns one that may.
    ///
    /// # Errors
    /// As [`Plans::get`].
    pub fn keep(&self, key: String, plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let own = renewed(Arc::clone(&plan), &mut HashMap::new())?;
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, plan);
        Ok(own)
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Arc<dyn ExecutionPlan>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The plan with no trace of a run; readers of one shared step still share it.
fn renewed(
    plan: Arc<dyn ExecutionPlan>,
    rows: &mut HashMap<usize, StepRows>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let renewed = plan.transform_up(|node| {
        let Some(step) = node.downcast_ref::<SharedExec>() else {
            return Ok(Transformed::yes(node.reset_state()?));
        };
        // Steps may read steps.
        let below = renewed(Arc::clone(step.plan()), rows)?;
        Ok(Transformed::yes(Arc::new(step.renewed(below, rows)) as _))
    })?;
    Ok(renewed.data)
}
