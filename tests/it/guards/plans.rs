//! Shapes of plans.

use std::path::Path;
use std::sync::Arc;

use bilim::config::Config;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::physical_plan::{ExecutionPlan, displayable};
use datafusion::prelude::SessionContext;

use super::counting::Counting;
use super::marks::STATEMENTS;
use super::session_over;
use crate::support::{self, block_on};

#[test]
fn plans_have_the_shapes_that_are_fast() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let (ctx, _) = session_over(&folder.path().join("lake")).await;
        for (why, sql) in STATEMENTS {
            let plan = ctx.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
            let text = displayable(plan.as_ref()).indent(true).to_string();
            // Without keys, and of sets over groups, there is little to look up.
            let lead = "AggregateExec: mode=Partial, gby=[";
            assert!(text.split(lead).skip(1).all(|rest| rest.starts_with([']', '('])), "{why}: {text}");
            assert!(!text.contains("Dictionary("), "{why}: {text}");
        }
        let plan = |sql: &'static str| {
            let ctx = ctx.clone();
            async move {
                let plan = ctx.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
                displayable(plan.as_ref()).indent(true).to_string()
            }
        };
        let text = plan(STATEMENTS[0].1).await;
        assert!(!text.contains("DataSourceExec"), "counted from the log: {text}");
        let text = plan(STATEMENTS[8].1).await;
        assert!(text.contains("gby=[(") && text.contains("__key_3"), "tiers from one grouping: {text}");
        // Organisations are broadcast; the marks are not moved.
        let text = plan(
            "select o.org_type, sum(g.mark) as s from raw.s1_grade g join raw.s1_org o on o.year = g.year and \
             o.org_bin = g.org_bin group by o.org_type",
        )
        .await;
        assert!(!text.contains("mode=Partitioned"), "{text}");
    });
}

/// What makes a plan slow whatever it is about.
fn is_fast(name: &str, text: &str) {
    assert!(!text.contains("Dictionary("), "{name} groups by a dictionary: {text}");
    assert!(!text.contains("SortMergeJoinExec"), "{name} sorts to join: {text}");
    let grouping_sets = text.matches("gby=[(").count();
    assert!(grouping_sets == 0 || text.contains("__key_"), "{name} enters every row once per set: {text}");
}

/// SQL files of a folder, by name.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let named = files.into_iter().map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    });
    named.collect()
}

/// Canned questions.
#[test]
fn canned_plans_have_the_shapes_that_are_fast() {
    block_on(async {
        let lake = support::tiny_lake().await;
        for (name, sql) in files("sql/canned") {
            let plan = crate::canned::frame(&lake.ctx, &sql).await.create_physical_plan().await.unwrap();
            is_fast(&name, &displayable(plan.as_ref()).indent(true).to_string());
        }
    });
}

/// Cases of `EduBench` in which a table meets another row by row: the other is the one row of a regression.
const MET_BY_ROW: [&str; 1] = ["13_value_added"];

/// The cases of `EduBench` in our dialect.
#[test]
fn cases_of_edubench_have_the_shapes_that_are_fast() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let cases: Vec<_> = files("benches/edubench/queries");
        let ours: Vec<_> = cases.iter().filter(|(name, _)| !name.contains('.')).collect();
        assert_eq!(ours.len(), 22);
        let mut met_by_row = Vec::new();
        for (name, sql) in ours {
            let sql = sql.replace(":org_bin", "1").replace(":pid", "1");
            let plan = lake.ctx.sql(&sql).await.unwrap().create_physical_plan().await.unwrap();
            let text = displayable(plan.as_ref()).indent(true).to_string();
            is_fast(name, &text);
            if text.contains("NestedLoopJoinExec") || text.contains("CrossJoinExec") {
                met_by_row.push(name.as_str());
            }
        }
        assert_eq!(met_by_row, MET_BY_ROW);
    });
}

/// Most operators of one indicator at all its tiers and breakdowns, shared steps counted once.
const MOST_OPERATORS: usize = 4_000;

/// A plan is bounded whatever the view: equal columns once multiplied into minutes of planning. Sums are all of one form.
#[test]
fn every_ready_view_is_planned_at_all_its_tiers() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let mut largest = (0, String::new());
        let all = lake.definitions.catalogue.indicators.iter();
        for indicator in all.filter(|one| one.derivations.iter().any(|derivation| derivation.view.is_some()))
        {
            let code = &indicator.code;
            let sql = format!(
                "select * from mart.indicator where indicator = '{code}' and tier in ('district', 'region', 'republic', \
                 'international')"
            );
            let plan = lake.ctx.sql(&sql).await.unwrap().create_physical_plan().await.unwrap();
            largest = largest.max((operators(&plan), code.clone()));
        }
        assert!(largest.0 > 1 && largest.0 <= MOST_OPERATORS, "{largest:?}");
    });
}

fn operators(plan: &Arc<dyn ExecutionPlan>) -> usize {
    1 + plan.children().into_iter().map(operators).sum::<usize>()
}

/// Questions whose selects share steps, and whose steps read steps.
const SHARED: [&str; 2] = [
    "select * from mart.indicator where indicator = 'GRD-01' and tier in ('district', 'region', 'republic')",
    "select * from mart.indicator_vintage where indicator = 'GRD-01' and tier = 'region' and boundary_vintage = '2018'",
];

/// A kept plan is a new one: its shared steps are computed once a run, in every run.
#[test]
fn a_plan_that_was_kept_reads_and_answers_as_a_new_one() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let config = Config { threads: 2, use_rollups: false, ..Config::default() };
        let runtime = bilim::session::runtime(&config).unwrap();
        let store = Arc::new(Counting::default());
        runtime.register_object_store(&url::Url::parse("file://").unwrap(), Arc::clone(&store) as _);
        let open = || {
            bilim::session::open(&config, Arc::clone(&runtime), &lake.definitions, &lake.snapshot).unwrap()
        };
        for sql in SHARED {
            let run = async |ctx: &SessionContext| {
                let before = store.reads();
                let rows = ctx.sql(sql).await.unwrap().collect().await.unwrap();
                let text = pretty_format_batches(&rows).unwrap().to_string();
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                (lines, store.reads() - before)
            };
            // Footers are read once a process.
            run(&open()).await;
            let as_new = run(&open()).await;
            let ctx = open();
            let first = run(&ctx).await;
            assert!(first.0.len() > 20 && first.1 > 0, "{sql}: {} lines, {} reads", first.0.len(), first.1);
            for again in [first, run(&ctx).await, run(&ctx).await] {
                assert_eq!(again, as_new, "{sql}");
            }
        }
    });
}
