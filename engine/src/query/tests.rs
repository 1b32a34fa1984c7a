//! The gate and the parameters, on sessions without a lake.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use super::{Gate, QueryError, Resolved, Shaper, failed, resolve};
use crate::config::{Config, StatementLimits};
use crate::session;

fn context() -> SessionContext {
    let config = Config::default();
    let ctx = session::scratch(&config, session::runtime(&config).unwrap()).unwrap();
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(2), None]));
    let names: ArrayRef = Arc::new(StringArray::from(vec!["a", "ә", "c"]));
    let batch = RecordBatch::try_from_iter([("number", numbers), ("name", names)]).unwrap();
    ctx.register_batch("t", batch).unwrap();
    ctx
}

fn gate() -> Gate {
    Gate::new(StatementLimits::default(), false)
}

fn ask(sql: &str) -> Result<Resolved, QueryError> {
    // As on the server, where planning has a large stack.
    let sql = sql.to_owned();
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(resolve(&context(), &sql, &gate()))
    });
    thread.unwrap().join().unwrap()
}

#[test]
fn only_queries_come_in() {
    for sql in [
        "insert into t values (1, 'a')",
        "delete from t",
        "update t set number = 1",
        "create table u as select 1",
        "create external table u stored as csv location '/etc/passwd'",
        "create function f() returns int return 1",
        "drop table t",
        "copy t to '/tmp/t.csv'",
        "set datafusion.execution.batch_size = 1",
        "reset datafusion.execution.batch_size",
        "show all",
        "show datafusion.execution.batch_size",
        "begin",
        "prepare p as select 1",
        "execute p",
        "explain select 1",
        "explain analyze select * from t",
        "select * from t for update",
        "select * from information_schema.df_settings",
        "select * from Information_Schema.\"views\"",
        "select (select count(*) from information_schema.df_settings)",
        "with x as (select * from information_schema.views) select * from x",
    ] {
        let refused = ask(sql).err().unwrap_or_else(|| panic!("let in: {sql}"));
        assert!(matches!(refused, QueryError::Refused { .. }), "{sql}: {refused}");
    }
    for sql in
        ["select * from '/etc/passwd'", "select * from read_csv('/etc/passwd')", "select 1; select 2", ";"]
    {
        assert!(ask(sql).is_err(), "let in: {sql}");
    }
    for sql in [
        "select 1",
        "select * from t;",
        "values (1), (2)",
        "with recursive r as (select 1 as n) select * from r",
    ] {
        ask(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// Subqueries of which each reads the one before it twice.
fn laughs(steps: usize) -> String {
    let each = |n| format!("s{n} as (select a.v from s{0} a cross join s{0} b)", n - 1);
    let steps: Vec<String> = (1..=steps).map(each).collect();
    format!("with s0 as (select 1 as v), {} select count(*) from s{}", steps.join(", "), steps.len())
}

#[test]
fn what_is_too_large_is_told_before_it_is_parsed() {
    let too_complex = [
        format!("select {}", vec!["1 = 1"; 20_000].join(" or ")),
        format!("select {}", vec!["1"; 20_000].join("+")),
        vec!["select 1"; 5_000].join(" union all "),
        format!("select * from t where number in ({})", vec!["1"; 6_000].join(",")),
        format!("select * from {}", vec!["t"; 100].join(" cross join ")),
        format!("select * from {}", (0..100).map(|n| format!("t t{n}")).collect::<Vec<_>>().join(", ")),
        format!("select {}", vec!["1 as a"; 37_000].join(",")),
        laughs(30),
    ];
    for sql in too_complex {
        let refused = ask(&sql).err().unwrap();
        assert!(matches!(refused, QueryError::TooComplex { .. }), "{}...: {refused}", &sql[..60]);
    }
    // The eighth step reads 2^8 relations, the tenth 2^10, of 512 that a statement may.
    ask(&laughs(8)).unwrap();
    assert!(ask(&laughs(10)).is_err());
    let deep = format!("select {}1{}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(ask(&deep).is_err());
    let negated = format!("select {} true", "not ".repeat(3_000));
    assert!(ask(&negated).is_err());
    let long = format!("select '{}'", "x".repeat(300_000));
    assert!(matches!(ask(&long), Err(QueryError::TooLong { .. })));
}

#[test]
fn functions_that_make_much_from_little_are_bounded() {
    for sql in [
        "select range(0, 1000000000)",
        "select * from generate_series(1, 1000000000)",
        "select generate_series(1, number) from t",
        "select repeat('x', 100000000)",
        "select repeat(repeat('x', 10000), 10000)",
        "select array_repeat(array_repeat(1, 10000), 10000)",
        "select lpad('x', 2000000000)",
        "select * from range(9223372036854775807, -9223372036854775807, -1)",
    ] {
        let refused = ask(sql).err().unwrap_or_else(|| panic!("let in: {sql}"));
        assert!(matches!(refused, QueryError::Generator { .. }), "{sql}: {refused}");
    }
    for sql in ["select * from generate_series(1, 10)", "select lpad('7', 9, '0')", "select range(10, 0, -1)"]
    {
        ask(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

async fn rows(resolved: &Resolved, ctx: &SessionContext) -> Vec<RecordBatch> {
    let answer = resolved.prepare(ctx).await.unwrap();
    let stream = answer.start(ctx, ctx.runtime_env()).unwrap();
    let made: Vec<RecordBatch> = stream.map_err(failed).try_collect().await.unwrap();
    let mut shaper = Shaper::new(Arc::clone(answer.schema()));
    let mut answered: Vec<RecordBatch> = Vec::new();
    for batch in &made {
        answered.extend(shaper.push(batch).unwrap());
    }
    answered.extend(shaper.finish().unwrap());
    answered
}

#[tokio::test]
async fn parameters_are_bound_in_the_order_of_their_numbers() {
    let ctx = context();
    let marks: Vec<String> = (1..=12).map(|number| format!("cast(? as bigint) as c{number}")).collect();
    let sql = format!("select '?' as \"?\", {} /* ? */ -- ?\n", marks.join(", "));
    let resolved = resolve(&ctx, &sql, &gate()).await.unwrap();
    let names: Vec<&str> = resolved.parameters().fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]);
    let values = RecordBatch::try_from_iter((1..=12).map(|number| {
        let value: ArrayRef = Arc::new(Int64Array::from(vec![number * 10]));
        (format!("{}", number - 1), value)
    }));
    let bound = resolved.bind(Some(&values.unwrap())).unwrap();
    let answer = rows(&bound, &ctx).await;
    let text = datafusion::arrow::util::pretty::pretty_format_batches(&answer).unwrap().to_string();
    let cells: Vec<&str> = text.lines().nth(3).unwrap().split('|').map(str::trim).collect();
    assert_eq!(
        cells[1..14],
        ["?", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100", "110", "120"]
    );
}

#[tokio::test]
async fn parameters_have_types_and_are_checked() {
    let ctx = context();
    let resolved =
        resolve(&ctx, "select name from t where number = $1 and name like $2", &gate()).await.unwrap();
    let types: Vec<&DataType> =
        resolved.parameters().fields().iter().map(|field| field.data_type()).collect();
    assert_eq!(types, [&DataType::Int64, &DataType::Utf8]);
    let two = |number: ArrayRef| {
        let pattern: ArrayRef = Arc::new(StringArray::from(vec!["%"]));
        RecordBatch::try_from_iter([("0", number), ("1", pattern)]).unwrap()
    };
    let short: ArrayRef = Arc::new(datafusion::arrow::array::Int16Array::from(vec![2]));
    let bound = resolved.bind(Some(&two(short))).unwrap();
    assert_eq!(rows(&bound, &ctx).await[0].num_rows(), 1);
    let word: ArrayRef = Arc::new(StringArray::from(vec!["private"]));
    let refused = resolved.bind(Some(&two(word))).err().unwrap().to_string();
    assert!(!refused.contains("private"), "a value is not repeated: {refused}");
    assert!(resolved.bind(None).is_err());
    let mixed = resolve(&ctx, "select $1, ?", &gate()).await;
    assert!(matches!(mixed, Err(QueryError::Parameters(_))));
    let named = resolve(&ctx, "select $name", &gate()).await;
    assert!(matches!(named, Err(QueryError::Parameters(_))));
}

#[tokio::test]
async fn one_schema_stands_for_plans_that_make_others() {
    let ctx = context();
    for sql in [
        "select max(number), min(name), count(*) from t",
        "select arrow_cast(name, 'Utf8View') as v, arrow_cast(name, 'Dictionary(Int32, Utf8)') as d from t",
        "select make_array(arrow_cast(name, 'Utf8View')) as list, named_struct('a', arrow_cast(name, 'Utf8View')) as pair from t",
        "select number from t union all select 1",
        "select a.number, b.number from t a left join t b on a.number = b.number",
        "select case when number = 1 then 'x' end from t where number > 100",
        "select number, number as same from t",
        "select cast(1 as decimal(9, 2)), timestamp '2024-10-01 00:00:00', date '2024-10-01', null",
        "select count(*) from t",
    ] {
        let resolved = resolve(&ctx, sql, &gate()).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let schema = resolved.schema();
        let text = format!("{schema:?}");
        assert!(!text.contains("View") && !text.contains("Dictionary"), "{sql}: {text}");
        for batch in rows(&resolved, &ctx).await {
            assert_eq!(batch.schema_ref(), schema, "{sql}");
        }
    }
}

#[tokio::test]
async fn a_join_that_makes_much_of_little_lets_others_run() {
    let ctx = context();
    let sql = "select count(*) from generate_series(1, 10000) a cross join (select b.value as v, c.value as w from \
               generate_series(1, 10000) b cross join generate_series(1, 10000) c) d where a.value + d.v + d.w = 5";
    let resolved = resolve(&ctx, sql, &gate()).await.unwrap();
    let answer = resolved.prepare(&ctx).await.unwrap();
    let reading = async {
        let mut stream = answer.start(&ctx, ctx.runtime_env()).unwrap();
        futures::StreamExt::next(&mut stream).await
    };
    // One thread for both: the clock is only heard when the join yields.
    let limit = std::time::Duration::from_millis(300);
    let since = std::time::Instant::now();
    assert!(tokio::time::timeout(limit, reading).await.is_err());
    assert!(since.elapsed() < std::time::Duration::from_secs(5), "{:?}", since.elapsed());
}

#[tokio::test]
async fn small_batches_become_large_ones_in_order() {
    let ctx = context();
    let sql = "select a.value * 10000 + b.value as n from generate_series(0, 19) a cross join \
               generate_series(0, 9999) b order by 1";
    let resolved = resolve(&ctx, sql, &gate()).await.unwrap();
    let answer = rows(&resolved, &ctx).await;
    let sizes: Vec<usize> = answer.iter().map(RecordBatch::num_rows).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 200_000);
    assert!(sizes[..sizes.len() - 1].iter().all(|size| *size >= 65_536 / 2), "{sizes:?}");
    let mut next = 0;
    for batch in &answer {
        let column = batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap();
        for value in column.values() {
            assert_eq!(*value, next);
            next += 1;
        }
    }
}
