//! Functions of sample surveys in SQL: they meet the numbers of other people's libraries, whatever the plan.
//!
//! `survey/reference.csv` holds the numbers; `survey/reference.py` says which libraries found them and how.

use std::collections::BTreeMap;
use std::path::Path;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::prelude::{ParquetReadOptions, SessionContext};

use crate::support;
use crate::support_cli::Site;

/// Statistic, term, and whether it is of all countries together.
type Asked = (String, String, bool);

const PISA: &str = "pisa_replicate_weights/pisa2018_noisy_subset_ita_mex_fra.parquet";
const TALIS: &str = "pisa_replicate_weights/talis2018_noisy_subset_ita_mex_fra.parquet";

/// Largest difference from the numbers of the libraries, as a part of the number where it is above 1.
const NEAR: f64 = 1e-6;

/// `make_array(<prefix>1<suffix>, ...)`.
fn list(prefix: &str, count: usize, suffix: &str) -> String {
    let columns: Vec<String> = (1..=count).map(|place| format!("{prefix}{place}{suffix}")).collect();
    format!("make_array({})", columns.join(", "))
}

fn values(domain: &str) -> String {
    list("pv", 10, domain)
}

fn weights() -> String {
    format!("w_fstuwt, {}", list("w_fsturwt", 80, ""))
}

/// The tables `pisa` and `talis`; `None` without the data.
async fn session() -> Option<SessionContext> {
    let data = support::real_data()?;
    let ctx = support::scratch();
    for (name, path) in [("pisa", PISA), ("talis", TALIS)] {
        let path = data.join(path);
        ctx.register_parquet(name, path.to_str().unwrap(), ParquetReadOptions::default()).await.unwrap();
    }
    Some(ctx)
}

async fn collect(ctx: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>, String> {
    match ctx.sql(sql).await {
        Ok(frame) => frame.collect().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// A key and numbers, row by row.
async fn rows(ctx: &SessionContext, sql: &str) -> Vec<(String, Vec<Option<f64>>)> {
    let mut rows = Vec::new();
    for batch in collect(ctx, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}")) {
        let keys = cast(batch.column(0), &DataType::Utf8).unwrap();
        let numbers: Vec<_> =
            batch.columns()[1..].iter().map(|column| cast(column, &DataType::Float64).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let number = |column: &dyn Array| {
                column.is_valid(row).then(|| column.as_primitive::<Float64Type>().value(row))
            };
            let numbers = numbers.iter().map(|column| number(column.as_ref())).collect();
            rows.push((keys.as_string::<i32>().value(row).to_owned(), numbers));
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

/// The call behind a line of the reference, and its table.
fn call(statistic: &str, term: &str) -> (String, &'static str) {
    let weights = weights();
    let math = values("math");
    let (text, table) = match statistic {
        "mean" => (format!("pv_mean({}, {weights}, 'fay')", values(term)), "pisa"),
        "share_above" => (format!("pv_share_above({math}, {term}, {weights}, 'fay:0.5')"), "pisa"),
        "gap" => (format!("pv_gap({math}, st004d01t = 1, {weights}, 0.05)"), "pisa"),
        "quantile" => (format!("pv_quantile({math}, {term}, {weights}, 'fay')"), "pisa"),
        "regression" => {
            let girl = "case when st004d01t = 1 then 1.0 else 0.0 end";
            let fitted = format!("pv_regression({math}, make_array({girl}, \"AGE\"), {weights}, 'fay')");
            let place = match term {
                "intercept" => 1,
                "x1" => 2,
                "x2" => 3,
                _ => 4,
            };
            (format!("{fitted}[{place}]"), "pisa")
        }
        "survey_mean" => {
            let value =
                if term.ends_with("girls") { "case when st004d01t = 1 then pv1math end" } else { "pv1math" };
            (format!("survey_mean({value}, w_fstuwt, cnt, idschool)"), "pisa")
        }
        "survey_ratio" => ("survey_ratio(pv1math, pv1read, w_fstuwt, cnt, idschool)".to_owned(), "pisa"),
        "weighted_mean_se" => {
            (format!("weighted_mean_se({term}, tchwgt, {}, 0.04)", list("trwgt", 100, "")), "talis")
        }
        _ => panic!("no call for {statistic}"),
    };
    (text, table)
}

const FIELDS: &str = "s['estimate'], s['se'], s['se_sampling'], s['se_imputation']";

/// Means, shares, gaps, quantiles, regressions, linearised means and ratios, each with its errors.
#[tokio::test]
async fn functions_meet_the_libraries() {
    let Some(ctx) = session().await else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/survey/reference.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut lines: BTreeMap<Asked, Vec<(String, Vec<f64>)>> = BTreeMap::new();
    for line in reader.records() {
        let line = line.unwrap();
        let numbers = line.iter().skip(3).map(|cell| cell.parse().unwrap()).collect();
        let key = (line[1].to_owned(), line[2].to_owned(), &line[0] == "all");
        lines.entry(key).or_default().push((line[0].to_owned(), numbers));
    }
    let mut compared = 0;
    for ((statistic, term, is_all), expected) in lines {
        let (call, table) = call(&statistic, &term);
        let country = match (is_all, table) {
            (true, _) => "'all'",
            (_, "pisa") => "cnt",
            _ => "cntry",
        };
        let sql = format!(
            "select country, {FIELDS} from (select {country} as country, {call} as s from {table} group by 1)"
        );
        let found = rows(&ctx, &sql).await;
        assert_eq!(found.len(), expected.len(), "{statistic} {term}");
        for ((country, found), (key, expected)) in found.iter().zip(&expected) {
            assert_eq!(country, key);
            for (found, expected) in found.iter().zip(expected) {
                let found = found.expect("a number");
                assert!(
                    (found - expected).abs() <= NEAR * expected.abs().max(1.0),
                    "{country} {statistic} {term}: {found}, not {expected}"
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 51 * 4);
}

/// Two phases or one, in whatever order and number of parts the rows come: the same bits.
#[tokio::test]
async fn a_plan_changes_no_bit() {
    let Some(ctx) = session().await else { return };
    let functions = [("mean", "math"), ("quantile", "0.5"), ("regression", "x2"), ("survey_ratio", "")];
    let turned = "(select * from pisa where pv1math > 400 union all select * from pisa where pv1math <= 400 \
                  order by pv2math)";
    for (statistic, term) in functions {
        let (call, table) = call(statistic, term);
        let sql = |table: &str| {
            format!("select cnt, {FIELDS} from (select cnt, {call} as s from {table} group by cnt)")
        };
        let plan = collect(&ctx, &format!("explain {}", sql(table))).await.unwrap();
        let plan = datafusion::arrow::util::pretty::pretty_format_batches(&plan).unwrap().to_string();
        assert!(plan.contains("mode=Partial") && plan.contains("mode=Final"), "{plan}");
        let two = rows(&ctx, &sql(table)).await;
        assert_eq!(two.len(), 3);
        assert_eq!(two, rows(&ctx, &sql(turned)).await, "{statistic}");
        let single = SessionContext::new_with_config_rt(
            ctx.copied_config().with_target_partitions(1),
            ctx.runtime_env(),
        );
        for function in ctx.state().aggregate_functions().values() {
            single.register_udaf(function.as_ref().clone());
        }
        let path = support::real_data().unwrap().join(PISA);
        single.register_parquet("pisa", path.to_str().unwrap(), ParquetReadOptions::default()).await.unwrap();
        assert_eq!(two, rows(&single, &sql(table)).await, "{statistic}");
    }
}

#[tokio::test]
async fn a_filter_is_a_group() {
    let Some(ctx) = session().await else { return };
    let mean = format!("pv_mean({}, {}, 'fay')", values("read"), weights());
    let filtered = rows(
        &ctx,
        &format!(
            "select cnt, {FIELDS} from (select cnt, {mean} filter (where st004d01t = 1) as s from pisa group by cnt)"
        ),
    )
    .await;
    let grouped = rows(
        &ctx,
        &format!(
            "select cnt, {FIELDS} from (select cnt, st004d01t as sex, {mean} as s from pisa group by cnt, st004d01t) \
             where sex = 1"
        ),
    )
    .await;
    assert_eq!(filtered, grouped);
    assert_eq!(filtered.len(), 3);
    // Whoever has none of the plausible values is left out: nobody has those of global competence.
    let none = format!("pv_mean({}, {}, 'fay')", values("glcm"), weights());
    let none = rows(
        &ctx,
        &format!("select cnt, s['estimate'], s['n'] from (select cnt, {none} as s from pisa group by cnt)"),
    )
    .await;
    assert!(none.iter().all(|(_, numbers)| numbers == &[None, Some(0.0)]), "{none:?}");
}

#[tokio::test]
async fn what_cannot_be_is_an_error() {
    let ctx = support::scratch();
    let cases = [
        (
            "pv_mean(case when x = 1 then make_array(1.0) else make_array(1.0, 2.0) end, 1, make_array(1.0), 'jk2')",
            "plausible values where earlier rows",
        ),
        (
            "pv_mean(make_array(1.0), 1, case when x = 1 then make_array(1.0) else make_array(1.0, 2.0) end, 'jk2')",
            "replicate weights where earlier rows",
        ),
        (
            "pv_mean(make_array(1.0, null), 1, make_array(1.0), 'jk2')",
            "lacks element 2 of its plausible values",
        ),
        (
            "pv_mean(make_array(1.0), 1, make_array(null, 1.0), 'jk2')",
            "lacks element 1 of its replicate weights",
        ),
        (
            "pv_mean(make_array(1.0), 1, make_array(1.0), 'jackknife')",
            "the method \"jackknife\" is not known",
        ),
        (
            "pv_mean(make_array(1.0), 1, make_array(1.0), case when x = 1 then 'jk1' else 'jk2' end)",
            "the method changes within a group",
        ),
        ("pv_mean(make_array(1.0), -1, make_array(1.0), 'jk2')", "a final weight is -1"),
        ("pv_quantile(make_array(1.0), 2, 1, make_array(1.0), 'jk2')", "the quantile 2 is outside 0..=1"),
        ("pv_mean(1.0, 1, make_array(1.0), 'jk2')", "argument 1 of pv_mean"),
        ("pv_mean(make_array(1.0), 1, 'jk2')", "pv_mean has 4 arguments, not 3"),
        ("pv_mean(distinct make_array(1.0), 1, make_array(1.0), 'jk2')", "pv_mean has no DISTINCT"),
        ("survey_mean(x, 1, 'a', 'b', 'skip')", "\"skip\" says nothing about strata"),
        ("survey_mean(x, 1, 'a')", "survey_mean has 5 arguments, not 3"),
    ];
    for (call, text) in cases {
        let error =
            collect(&ctx, &format!("select {call} from (values (1), (2)) as t (x)")).await.unwrap_err();
        assert!(error.contains(text), "{call}: {error}");
    }
    let empty = "select 'x', s['estimate'], s['se'], s['n'] from (select pv_mean(make_array(1.0), 1, make_array(1.0), \
                 'jk2') as s from (values (1)) as t (x) where x > 1)";
    assert_eq!(rows(&ctx, empty).await, [("x".to_owned(), vec![None, None, Some(0.0)])]);
}

/// A file of one's own, given with the statement.
#[test]
fn functions_read_a_file_of_ones_own() {
    let Some(data) = support::real_data() else { return };
    let file = format!("pisa={}", data.join(PISA).display());
    let statement = format!(
        "select round(s['estimate'], 4) as mean, round(s['se'], 4) as se, s['n'] as n from (select pv_mean({}, {}, 'fay') \
         as s from pisa where cnt = 'MEX')",
        values("math"),
        weights()
    );
    let run = Site::new().run(&["sql", &statement, "--with", &file, "--format", "csv"]).ended(0);
    // 415.15695844... and 6.53243947... of the reference.
    assert_eq!(run.text(), "mean,se,n\n415.157,6.5324,365\n");
}
