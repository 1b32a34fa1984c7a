//! Faults of the engine that our session options work around; each test fails when a pin moves the fault.

use std::sync::Arc;

use datafusion::arrow::array::{Int64Array, RecordBatch};
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use parquet::arrow::ArrowWriter;

use crate::support;

/// `DataFusion` 25264: a join over a grouping by two same-named columns loses rows when dynamic filters of
/// joins and aggregates are pushed down. Under our options it gives its one row.
#[tokio::test]
async fn issue_25264_join_over_grouping_keeps_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = support::scratch();
    for (name, columns) in [
        ("a", vec![("id", vec![1, 2, 3]), ("k", vec![10, 20, 30])]),
        ("b", vec![("id", vec![100, 200, 300]), ("k", vec![10, 20, 30])]),
        ("d", vec![("x", vec![100])]),
    ] {
        let batch = RecordBatch::try_from_iter(
            columns.into_iter().map(|(name, values)| (name, Arc::new(Int64Array::from(values)) as _)),
        )
        .unwrap();
        let path = folder.path().join(format!("{name}.parquet"));
        let mut writer =
            ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        ctx.register_parquet(name, path.to_str().unwrap(), ParquetReadOptions::default()).await.unwrap();
    }
    let sql = "select * from d join (select a.id aid, b.id bid, count(*) n from a join b on a.k = b.k \
               group by a.id, b.id) g on d.x = g.bid";
    let rows: usize =
        ctx.sql(sql).await.unwrap().collect().await.unwrap().iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows, 1);
}

/// Rows per year and form of a grouping over a join with distinct years: six, three a year.
const GROUPED: &str = "(select y.year, f.form, count(*) as n from (select distinct column1 as year from (values (1), \
                       (2)) v) y join (select column1 as form, column2 as x from (values ('b', 0), ('a', 0), ('c', \
                       0)) w) f on f.x <= y.year group by y.year, f.form) t";

async fn answer(ctx: &SessionContext, sql: &str) -> Vec<String> {
    let batches = ctx.sql(sql).await.unwrap().collect().await.unwrap();
    let text = datafusion::arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string();
    let rows = text.lines().filter(|line| line.starts_with('|')).skip(1);
    rows.map(|line| line.replace([' ', '|'], "")).collect()
}

/// Grouping by year and form over a join with `distinct year`, the engine takes year to determine form and drops
/// it from `order by year, form`. Our sessions leave the rule out that does.
#[tokio::test]
async fn sort_keys_are_dropped_after_a_join_with_distinct_years() {
    let sql = format!("select year, form from {GROUPED} order by year, form");
    let ctx = support::scratch();
    assert!(
        SessionContext::new().remove_optimizer_rule("eliminate_duplicated_expr"),
        "it has another name now"
    );
    assert_eq!(answer(&ctx, &sql).await, ["1a", "1b", "1c", "2a", "2b", "2c"]);
}

/// The same belief drops form from `group by year, form` where form is not selected: two rows instead of six.
/// The rule cannot be left out; our views therefore do not join with distinct keys below a grouping. Fails when the
/// fault is gone.
#[tokio::test]
async fn group_keys_are_dropped_after_a_join_with_distinct_years() {
    let sql = format!("select year, sum(n) as n from {GROUPED} group by year, form order by year");
    let ctx = support::scratch();
    assert_eq!(answer(&ctx, &sql).await, ["13", "23"]);
}

/// Beside one `count(distinct)` the engine's `single_distinct_aggregation_to_group_by` sums the sums of decimals, which
/// have ten digits more than the plan says. Our sessions have a rule of their own instead.
#[tokio::test]
async fn sums_beside_distinct_values_have_another_type() {
    let sql = "select k, count(distinct x) as n, sum(d) as s from (select column1 as k, column2 as x, \
               cast(column3 as decimal(10, 2)) as d from (values (1, 'a', 1.5), (1, 'b', 2.5)) v) t group by k";
    let types = async |ctx: &SessionContext| {
        let frame = ctx.sql(sql).await.unwrap();
        let planned = frame.schema().field(2).data_type().clone();
        (planned, frame.collect().await.unwrap()[0].column(2).data_type().clone())
    };
    let (planned, found) = types(&SessionContext::new()).await;
    assert_ne!(planned, found, "the engine keeps its word now");
    let (planned, found) = types(&support::scratch()).await;
    assert_eq!(planned, found);
}
