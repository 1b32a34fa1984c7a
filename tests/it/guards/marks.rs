//! Marks for guards and instruction counts: small, the same every time, shaped like those of a country.

use std::path::Path;
use std::sync::Arc;

use bilim::definitions::Definitions;
use bilim::lake::{AsOf, Lake, Landing, Outcome, Snapshot, TableSpec, WriterOptions};
use chrono::{DateTime, Utc};
use datafusion::arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray, new_null_array};
use datafusion::arrow::datatypes::{DataType, Schema};

const ORGANISATIONS: i32 = 20;
const PUPILS: i32 = 100;
const MARKS: i32 = 20;
const SUBJECTS: [&str; 5] = ["mathematics", "physics", "history", "kazakh_language", "informatics"];

/// The rows of one region and year, in no order.
fn marks(schema: &Schema, year: i32, region: i32) -> RecordBatch {
    let rows = ORGANISATIONS * PUPILS * MARKS;
    // 7919 is prime to the number of rows: every row comes once.
    let numbers: Vec<i32> = (0..rows).map(|row| (row * 7919) % rows).collect();
    let org = |row: i32| row / (PUPILS * MARKS);
    let ints = |of: &dyn Fn(i32) -> i32| -> ArrayRef {
        Arc::new(numbers.iter().map(|row| Some(of(*row))).collect::<Int32Array>())
    };
    let longs = |of: &dyn Fn(i32) -> i64| -> ArrayRef {
        Arc::new(numbers.iter().map(|row| Some(of(*row))).collect::<Int64Array>())
    };
    let texts = |of: &dyn Fn(i32) -> &'static str| -> ArrayRef {
        Arc::new(numbers.iter().map(|row| Some(of(*row))).collect::<StringArray>())
    };
    let columns = schema.fields().iter().filter(|field| field.name() != "submission").map(|field| {
        let column = match field.name().as_str() {
            "year" => ints(&|_| year),
            "region" => ints(&|_| region),
            "district" => ints(&|row| region * 10_000_000 + 1 + org(row) / 5 * 1000),
            "org_bin" => longs(&|row| i64::from(region) * 10_000_000_000 + i64::from(org(row))),
            "pid" => longs(&|row| i64::from(row / MARKS) * 1_000_003 + i64::from(region)),
            "grade" => ints(&|row| row / MARKS % 11 + 1),
            "mark" => ints(&|row| 2 + row % 4),
            "subject" => texts(&|row| SUBJECTS[usize::try_from(row % 5).unwrap()]),
            "period" => texts(&|row| ["1", "2", "3", "4"][usize::try_from(row % MARKS / 5).unwrap()]),
            _ if *field.data_type() == DataType::Utf8 => texts(&|_| "x"),
            _ => new_null_array(field.data_type(), numbers.len()),
        };
        (field.name().clone(), column)
    });
    RecordBatch::try_from_iter(columns).unwrap()
}

/// Statements over the marks, and why they are here.
pub const STATEMENTS: [(&str, &str); 11] = [
    ("rows of a table are in the log", "select count(*) as n from raw.s1_grade"),
    (
        "one partition is one file",
        "select count(*) as n, sum(mark) as s from raw.s1_grade where year = 2024 and region = 15",
    ),
    (
        "one organisation is a few pages",
        "select sum(mark) as s from raw.s1_grade where org_bin = 150000000003 and year = 2024",
    ),
    (
        "one pupil is found by pages",
        "select subject, mark from raw.s1_grade where org_bin = 110000000007 and pid = 750002261 and year = 2023",
    ),
    ("nobody is nothing", "select count(mark) as n from raw.s1_grade where org_bin = 1"),
    ("by partition", "select year, region, sum(mark) as s from raw.s1_grade group by year, region"),
    (
        "by organisation and year",
        "select org_bin, year, avg(mark) as m from raw.s1_grade group by org_bin, year",
    ),
    (
        "by person",
        "select count(*) as n from (select pid from raw.s1_grade group by pid having avg(mark) > 3) p",
    ),
    (
        "all tiers",
        "select year, region, district, subject, sum(mark) as s from raw.s1_grade group by rollup(year, region, district), subject",
    ),
    (
        "distinct persons",
        "select year, count(distinct pid) as n, count(*) as m from raw.s1_grade group by year",
    ),
    (
        "one person is found by Bloom filters",
        "select year, subject, mark from raw.s1_grade where pid = 750002261",
    ),
];

/// A lake of the marks of two years and two regions, 40,000 rows a file, sorted by organisation and pupil.
pub async fn lake(folder: &Path) -> (Arc<Definitions>, Snapshot) {
    let definitions = Arc::new(Definitions::built_in().unwrap());
    let form = definitions.form("S1.GRADE").unwrap();
    let lake = Lake::init(folder.to_str().unwrap()).await.unwrap();
    let writer = lake.writer(WriterOptions::default()).await.unwrap();
    let spec = TableSpec::of_form(form);
    let batches: Vec<Result<RecordBatch, std::io::Error>> = [(2023, 11), (2023, 15), (2024, 11), (2024, 15)]
        .into_iter()
        .map(|(year, region)| Ok(marks(&spec.schema, year, region)))
        .collect();
    let staged = writer.stage(form, Box::pin(futures::stream::iter(batches))).await.unwrap();
    let landing = Landing {
        confirmation: None,
        form: form.code.clone(),
        year: None,
        content_sha256: "0".repeat(64),
        file_name: "marks".to_owned(),
        subject_bin: None,
        source_system: None,
        submitted_at: DateTime::<Utc>::UNIX_EPOCH,
        row_count: staged.row_count(),
        error_count: 0,
        warning_count: 0,
        findings: Vec::new(),
        staged: Some(staged),
        outcome: Outcome::Accepted,
    };
    writer.land(vec![landing]).await.unwrap();
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    (definitions, snapshot)
}
