//! Rewritten plans give what the plans gave before: on random tables, with types, NULLs and names.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringViewArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::datasource::MemTable;
use datafusion::physical_plan::{ExecutionPlan, collect, displayable};
use datafusion::prelude::SessionContext;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use crate::config::Config;
use crate::session;

/// A row of the table `t`.
#[derive(Debug, Clone)]
struct Row {
    a: Option<i32>,
    b: Option<&'static str>,
    c: Option<bool>,
    person: i64,
    mark: Option<i32>,
    amount: Option<i64>,
    share: Option<i8>,
}

fn row() -> impl Strategy<Value = Row> {
    let texts = select(vec!["kk", "ru", "en", "a text longer than twelve bytes"]);
    (
        proptest::option::weighted(0.8, 0..3_i32),
        proptest::option::weighted(0.8, texts),
        proptest::option::weighted(0.8, any::<bool>()),
        0..5_i64,
        proptest::option::weighted(0.7, prop_oneof![0..11_i32, Just(i32::MAX), Just(i32::MIN)]),
        proptest::option::weighted(0.7, -999_999..1_000_000_i64),
        proptest::option::weighted(0.7, any::<i8>()),
    )
        .prop_map(|(a, b, c, person, mark, amount, share)| Row { a, b, c, person, mark, amount, share })
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("a", DataType::Int32, true),
        Field::new("b", DataType::Utf8View, true),
        Field::new("c", DataType::Boolean, true),
        Field::new("person", DataType::Int64, false),
        Field::new("mark", DataType::Int32, true),
        Field::new("amount", DataType::Decimal128(10, 2), true),
        Field::new("share", DataType::Float64, true),
    ]))
}

fn batch(rows: &[Row]) -> RecordBatch {
    fn gather<T, A: FromIterator<Option<T>>>(rows: &[Row], of: impl Fn(&Row) -> Option<T>) -> A {
        rows.iter().map(of).collect()
    }
    let amounts: Decimal128Array = gather(rows, |row| row.amount.map(i128::from));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(gather::<_, Int32Array>(rows, |row| row.a)),
        Arc::new(gather::<_, StringViewArray>(rows, |row| row.b)),
        Arc::new(gather::<_, BooleanArray>(rows, |row| row.c)),
        Arc::new(gather::<_, Int64Array>(rows, |row| Some(row.person))),
        Arc::new(gather::<_, Int32Array>(rows, |row| row.mark)),
        Arc::new(amounts.with_precision_and_scale(10, 2).unwrap()),
        // Eighths add up exactly in any order.
        Arc::new(gather::<_, Float64Array>(rows, |row| row.share.map(|share| f64::from(share) / 8.0))),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

/// A session over `t` with the rewrites on or off.
fn session_over(rows: &[Row], partitions: usize, option: &str, is_on: bool) -> SessionContext {
    let config = Config { threads: partitions, ..Config::default() };
    let ctx = session::scratch(&config, session::runtime(&config).unwrap()).unwrap();
    {
        let state = ctx.state_ref();
        let mut state = state.write();
        let options = state.config_mut().options_mut();
        options.set(option, if is_on { "true" } else { "false" }).unwrap();
        options.set("datafusion.execution.batch_size", "7").unwrap();
    }
    let parts: Vec<Vec<RecordBatch>> = if rows.is_empty() {
        vec![Vec::new()]
    } else {
        rows.chunks(rows.len().div_ceil(partitions)).map(|rows| vec![batch(rows)]).collect()
    };
    ctx.register_table("t", Arc::new(MemTable::try_new(schema(), parts).unwrap())).unwrap();
    ctx
}

/// Schema and rows, ordered; or the error.
async fn answer(ctx: &SessionContext, sql: &str) -> Result<(Schema, Vec<String>), String> {
    let frame = ctx.sql(sql).await.map_err(|error| error.to_string())?;
    let schema = frame.schema().as_arrow().clone();
    let batches = frame.collect().await.map_err(|error| error.to_string())?;
    let options = FormatOptions::default().with_null("NULL");
    let mut rows = Vec::new();
    for batch in &batches {
        let types = |schema: &Schema| -> Vec<DataType> {
            schema.fields().iter().map(|field| field.data_type().clone()).collect()
        };
        assert_eq!(types(&batch.schema()), types(&schema), "{sql}");
        let columns: Vec<_> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let mut text = String::new();
            for column in &columns {
                write!(text, "{}|", column.value(row)).unwrap();
            }
            rows.push(text);
        }
    }
    rows.sort();
    Ok((schema, rows))
}

async fn plan_text(ctx: &SessionContext, sql: &str) -> String {
    let plan = ctx.sql(sql).await.unwrap().into_optimized_plan().unwrap();
    plan.display_indent().to_string()
}

const KEYS: [&str; 5] = ["a", "b", "c", "a + 1", "b || 'x'"];

/// What follows GROUP BY: all shapes of sets, with repeated keys and sets and the empty set.
fn sets() -> impl Strategy<Value = String> {
    let list = || subsequence(KEYS.to_vec(), 1..=3).prop_map(|keys| keys.join(", "));
    let set = subsequence(KEYS.to_vec(), 0..=3).prop_map(|keys| format!("({})", keys.join(", ")));
    prop_oneof![
        list().prop_map(|keys| format!("cube({keys})")),
        list().prop_map(|keys| format!("rollup({keys})")),
        proptest::collection::vec(set, 2..5)
            .prop_filter("at least one key", |sets| sets.iter().any(|set| set != "()"))
            .prop_map(|sets| format!("grouping sets ({})", sets.join(", "))),
        (list(), list()).prop_map(|(keys, more)| format!("rollup({keys}), cube({more})")),
        (select(KEYS.to_vec()), list()).prop_map(|(key, keys)| format!("{key}, rollup({keys})")),
    ]
}

const AGGREGATES: [&str; 17] = [
    "count(*)",
    "count(mark)",
    "sum(mark)",
    "avg(mark)",
    "min(mark)",
    "max(b)",
    "sum(amount)",
    "avg(amount)",
    "max(amount)",
    "sum(share)",
    "avg(share)",
    "bool_and(c)",
    "bool_or(c)",
    "bit_and(mark)",
    "bit_or(person)",
    "bit_xor(mark)",
    "avg(person + mark)",
];
const DISTINCT: [&str; 4] =
    ["count(distinct person)", "sum(distinct mark)", "count(distinct b)", "min(distinct mark)"];

/// Aggregates of a statement; some under a filter, at most one over distinct values.
fn aggregates() -> impl Strategy<Value = Vec<String>> {
    let filters = select(vec!["", "", " filter (where c)", " filter (where mark > 5 or b is null)"]);
    let plain = (subsequence(AGGREGATES.to_vec(), 1..6), proptest::collection::vec(filters, 6)).prop_map(
        |(calls, filters)| {
            calls.iter().zip(filters).map(|(call, filter)| format!("{call}{filter}")).collect::<Vec<_>>()
        },
    );
    (plain, proptest::option::weighted(0.4, select(DISTINCT.to_vec())), any::<Index>()).prop_map(
        |(mut calls, distinct, place)| {
            if let Some(distinct) = distinct {
                calls.insert(place.index(calls.len() + 1), distinct.to_owned());
            }
            calls
        },
    )
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// On every shape of sets, any mix of aggregates and any rows.
    #[test]
    fn sets_from_one_grouping_are_the_sets(
        rows in prop_oneof![1 => Just(Vec::new()), 9 => proptest::collection::vec(row(), 0..40)],
        partitions in 1..4_usize,
        sets in sets(),
        calls in aggregates(),
        having in select(vec!["", " having count(*) > 1", " having sum(mark) is not null"]),
    ) {
        let keys: Vec<&str> = KEYS.into_iter().filter(|key| {
            sets.split(['(', ')', ',']).any(|part| part.trim() == *key)         }).collect();
        let grouping: Vec<String> = keys.iter().map(|key| format!("grouping({key})")).collect();
        let names: Vec<String> = keys.iter().map(|key| (*key).to_owned()).chain(grouping).chain(calls).collect();
        let columns: Vec<String> =
            names.iter().enumerate().map(|(place, expr)| format!("{expr} as c{place}")).collect();
        let sql = format!("select {} from t group by {sets}{having}", columns.join(", "));
        block_on(async {
            let option = "bilim.two_level_grouping_sets";
            let before = session_over(&rows, partitions, option, false);
            let after = session_over(&rows, partitions, option, true);
            assert!(!plan_text(&before, &sql).await.contains("__key_"), "{sql}");
            assert!(plan_text(&after, &sql).await.contains("__key_"), "{sql}");
            let (before, after) = (answer(&before, &sql).await, answer(&after, &sql).await);
            assert!(before.is_ok(), "{before:?} {sql}");
            assert_eq!(after, before, "{sql}");
        });
    }
}

/// Keys of a plain grouping.
fn key_lists() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(vec!["a", "b", "c", "person", "a + 1", "b || 'x'"], 1..=4)
}

async fn physical_text(ctx: &SessionContext, sql: &str) -> String {
    let plan = ctx.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
    displayable(plan.as_ref()).indent(false).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// With neighbours alike and not, with rows handed on and not.
    #[test]
    fn groups_by_batch_keys_are_the_groups(
        mut rows in prop_oneof![1 => Just(Vec::new()), 9 => proptest::collection::vec(row(), 0..120)],
        is_sorted in any::<bool>(),
        is_passing in any::<bool>(),
        partitions in 2..4_usize,
        keys in key_lists(),
        calls in aggregates(),
    ) {
        if is_sorted {
            rows.sort_by_key(|row| (row.a, row.b, row.person));
        }
        let names = keys.iter().map(|key| (*key).to_owned()).chain(calls);
        let columns: Vec<String> = names.enumerate().map(|(place, expr)| format!("{expr} as c{place}")).collect();
        let sql = format!("select {} from t group by {}", columns.join(", "), keys.join(", "));
        block_on(async {
            let mut answers = Vec::new();
            for is_on in [false, true] {
                let ctx = session_over(&rows, partitions, "bilim.grouping_by_batch_keys", is_on);
                if is_passing {
                    let state = ctx.state_ref();
                    let mut state = state.write();
                    let options = &mut state.config_mut().options_mut().execution;
                    options.skip_partial_aggregation_probe_rows_threshold = 10;
                    options.skip_partial_aggregation_probe_ratio_threshold = 0.1;
                }
                let text = physical_text(&ctx, &sql).await;
                let is_two_stages = text.contains("mode=Partial");
                let is_suited = !sql.contains("bit_xor") && !sql.contains("distinct b") && !sql.contains("distinct mark");
                assert!(is_on || !text.contains("BatchGroupingExec"), "{text}");
                assert!(!is_on || !is_two_stages || !is_suited || text.contains("BatchGroupingExec: mode=Partial"), "{text}");
                answers.push(answer(&ctx, &sql).await);
            }
            assert!(answers[0].is_ok(), "{:?} {sql}", answers[0]);
            assert_eq!(&answers[1], &answers[0], "{sql}");
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Beside any other aggregates, with keys and without.
    #[test]
    fn distinct_values_by_grouping_are_the_values(
        rows in prop_oneof![1 => Just(Vec::new()), 9 => proptest::collection::vec(row(), 0..40)],
        partitions in 1..4_usize,
        keys in prop_oneof![Just(Vec::new()), key_lists()],
        mut calls in aggregates(),
        distinct in select(vec!["count(distinct b)", "sum(distinct amount)", "count(distinct c)"]),
    ) {
        calls.retain(|call| !call.contains("distinct"));
        let names = keys.iter().map(|key| (*key).to_owned()).chain([distinct.to_owned()]).chain(calls);
        let columns: Vec<String> = names.enumerate().map(|(place, expr)| format!("{expr} as c{place}")).collect();
        let group_by = if keys.is_empty() { String::new() } else { format!(" group by {}", keys.join(", ")) };
        let sql = format!("select {} from t{group_by}", columns.join(", "));
        block_on(async {
            let option = "bilim.distinct_by_grouping";
            let before = session_over(&rows, partitions, option, false);
            let after = session_over(&rows, partitions, option, true);
            assert!(!plan_text(&before, &sql).await.contains("__distinct"), "{sql}");
            assert!(plan_text(&after, &sql).await.contains("__distinct"), "{sql}");
            let (before, after) = (answer(&before, &sql).await, answer(&after, &sql).await);
            assert!(before.is_ok(), "{before:?} {sql}");
            assert_eq!(after, before, "{sql}");
        });
    }
}

/// Short of memory, what was grouped so far is handed on, and the answer is the same.
///
/// The groups of a first stage take 700 kB at least (16,384 places of two states and a key, and the table that
/// finds them), more than the quarter of the memory that each of the two may hold.
#[test]
fn groups_by_batch_keys_are_emitted_early() {
    let rows: Vec<Row> = (0..60_000)
        .map(|number| Row {
            a: None,
            b: None,
            c: None,
            person: i64::from(number % 15_000),
            mark: Some(number % 11),
            amount: None,
            share: None,
        })
        .collect();
    let config = Config { threads: 2, query_memory_bytes: 2_000_000, ..Config::default() };
    let ctx = session::scratch(&config, session::runtime(&config).unwrap()).unwrap();
    let parts = rows.chunks(30_000).map(|rows| rows.chunks(500).map(batch).collect()).collect();
    ctx.register_table("t", Arc::new(MemTable::try_new(schema(), parts).unwrap())).unwrap();
    let sql = "select person, count(*) as n, sum(mark) as total from t group by person";
    let (plan, batches) = block_on(async {
        let plan = ctx.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
        let batches = collect(Arc::clone(&plan), ctx.task_ctx()).await.unwrap();
        (plan, batches)
    });
    let sum = |column: usize| -> i64 {
        let columns = batches.iter().map(|batch| batch.column(column).as_primitive::<Int64Type>());
        columns.flat_map(|column| column.values().iter()).sum()
    };
    let total: i64 = rows.iter().filter_map(|row| row.mark).map(i64::from).sum();
    let groups: usize = batches.iter().map(RecordBatch::num_rows).sum();
    assert_eq!((groups, sum(1), sum(2)), (15_000, 60_000, total));
    assert!(emitted(&plan) > 30_000, "{} rows: nothing was emitted early", emitted(&plan));
}

/// Rows that first stages gave.
fn emitted(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let own = if plan.name() == "BatchGroupingExec" { plan.metrics() } else { None };
    let below: usize = plan.children().into_iter().map(emitted).sum();
    own.and_then(|metrics| metrics.output_rows()).unwrap_or_default() + below
}

/// What cannot be split stays as it is.
#[test]
fn other_aggregates_keep_their_plan() {
    for call in [
        "median(mark)",
        "first_value(mark order by person)",
        "array_agg(mark)",
        "stddev(mark)",
        "count(distinct mark), count(distinct person)",
        "count(distinct person) filter (where c)",
    ] {
        let sql = format!("select a, b, {call} from t group by cube(a, b)");
        let ctx = session_over(&[], 1, "bilim.two_level_grouping_sets", true);
        assert!(!block_on(plan_text(&ctx, &sql)).contains("__key_"), "{call}");
    }
}
