//! Guards of speed that need no clock: what is read, what is asked of the store, and the shapes of plans.
//!
//! The numbers are exact and pinned in `reads.txt`; `BILIM_BLESS=1` writes them anew, and the commit says why they
//! changed.

mod counting;
mod marks;
mod plans;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use bilim::config::Config;
use datafusion::physical_plan::metrics::MetricValue;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::SessionContext;

use crate::support::block_on;
use counting::Counting;
use marks::STATEMENTS;

/// A session over the marks whose requests are counted.
async fn session_over(folder: &Path) -> (SessionContext, Arc<Counting>) {
    let config = Config { threads: 2, ..Config::default() };
    let (definitions, snapshot) = marks::lake(folder).await;
    let runtime = bilim::session::runtime(&config).unwrap();
    let store = Arc::new(Counting::default());
    runtime.register_object_store(&url::Url::parse("file://").unwrap(), Arc::clone(&store) as _);
    (bilim::session::open(&config, runtime, &definitions, &snapshot).unwrap(), store)
}

/// A counter of all scans of a plan.
fn counted(plan: &Arc<dyn ExecutionPlan>, name: &str) -> usize {
    let own = plan.metrics().map_or(0, |metrics| {
        let values =
            metrics.iter().filter(|metric| plan.name() == "DataSourceExec" && metric.value().name() == name);
        values
            .map(|metric| match metric.value() {
                MetricValue::PruningMetrics { pruning_metrics, .. } => pruning_metrics.pruned(),
                other => other.as_usize(),
            })
            .sum()
    });
    own + plan.children().into_iter().map(|child| counted(child, name)).sum::<usize>()
}

#[test]
fn reads_are_as_pinned() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let (ctx, store) = session_over(&folder.path().join("lake")).await;
        let mut found = String::from(
            "# statement: requests once footers are known; rows read; row groups left out by ranges and by Bloom filters; pages \
             and rows of pages left out\n",
        );
        for (why, sql) in STATEMENTS {
            // The first time footers are read, by as many readers as come at once.
            let mut requests = 0;
            let mut line = String::new();
            for _ in 0..2 {
                let before = store.reads();
                let plan = ctx.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
                collect(Arc::clone(&plan), ctx.task_ctx()).await.unwrap();
                requests = store.reads() - before;
                line = [
                    "output_rows",
                    "row_groups_pruned_statistics",
                    "row_groups_pruned_bloom_filter",
                    "page_index_pages_pruned",
                    "page_index_rows_pruned",
                ]
                .into_iter()
                .fold(String::new(), |line, name| format!("{line} {}", counted(&plan, name)));
            }
            writeln!(found, "{why}: {requests};{line}").unwrap();
        }
        assert_eq!(store.lists(), 0, "a query lists nothing");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/guards/reads.txt");
        if std::env::var_os("BILIM_BLESS").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), found);
    });
}
