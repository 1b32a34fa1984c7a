//! Views and indicators on the tiny fixture, worked by hand: every `.slt` file beside the SQL it tests,
//! every check of `sql/checks`, and the grain of every view.
//!
//! `BILIM_SLT=acc cargo test --test it slt` runs the files whose path contains `acc`. SQL, forms and
//! fixture are read from the checkout: an edit of one needs no recompilation.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use sqllogictest::{AsyncDB, DBOutput, Runner, strict_column_validator};

use crate::support;

/// Checks that need the complete published tables or are reports of their own.
const NOT_ON_THE_FIXTURE: [&str; 1] = ["uis_reproduction.sql"];

/// Type of a column: text, real, integer, boolean.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ColumnType {
    Text,
    Real,
    Integer,
    Boolean,
}

impl sqllogictest::ColumnType for ColumnType {
    fn from_char(value: char) -> Option<Self> {
        match value {
            'T' => Some(Self::Text),
            'R' => Some(Self::Real),
            'I' => Some(Self::Integer),
            'B' => Some(Self::Boolean),
            _ => None,
        }
    }

    fn to_char(&self) -> char {
        match self {
            Self::Text => 'T',
            Self::Real => 'R',
            Self::Integer => 'I',
            Self::Boolean => 'B',
        }
    }
}

impl From<&DataType> for ColumnType {
    fn from(data_type: &DataType) -> Self {
        match data_type {
            DataType::Boolean => Self::Boolean,
            DataType::Float32 | DataType::Float64 | DataType::Decimal128(..) | DataType::Decimal256(..) => {
                Self::Real
            }
            data_type if data_type.is_integer() => Self::Integer,
            _ => Self::Text,
        }
    }
}

/// A session as the runner wants it.
#[derive(Clone)]
struct Database(SessionContext);

#[async_trait::async_trait]
impl AsyncDB for Database {
    type Error = DataFusionError;
    type ColumnType = ColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<ColumnType>, DataFusionError> {
        let (types, rows) = query(&self.0, sql).await?;
        Ok(DBOutput::Rows { types, rows })
    }

    async fn shutdown(&mut self) {}
}

/// Types and cells of an answer.
async fn query(
    ctx: &SessionContext,
    sql: &str,
) -> Result<(Vec<ColumnType>, Vec<Vec<String>>), DataFusionError> {
    let frame = ctx.sql(sql).await?;
    let types = frame.schema().fields().iter().map(|field| field.data_type().into()).collect();
    let mut rows = Vec::new();
    for batch in Box::pin(frame.collect()).await? {
        rows.extend(cells(&batch)?);
    }
    Ok((types, rows))
}

/// Rows as text: NULL, at most four decimals, `(empty)` for an empty text.
fn cells(batch: &RecordBatch) -> Result<Vec<Vec<String>>, DataFusionError> {
    let mut rows = vec![Vec::new(); batch.num_rows()];
    for column in batch.columns() {
        let is_real = ColumnType::from(column.data_type()) == ColumnType::Real;
        let texts: Vec<String> = if is_real {
            let numbers = cast(column, &DataType::Float64)?;
            numbers.as_primitive::<Float64Type>().iter().map(|value| value.map_or_else(null, real)).collect()
        } else {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(column, &options)?;
            (0..column.len())
                .map(|row| if column.is_null(row) { null() } else { text(&formatter.value(row).to_string()) })
                .collect()
        };
        for (row, value) in rows.iter_mut().zip(texts) {
            row.push(value);
        }
    }
    Ok(rows)
}

fn null() -> String {
    "NULL".to_owned()
}

fn text(value: &str) -> String {
    if value.is_empty() { "(empty)".to_owned() } else { value.to_owned() }
}

/// At most four decimals, no trailing zeros, no negative zero.
fn real(value: f64) -> String {
    let text = format!("{value:.4}");
    match text.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

/// Files below a folder with an ending, ordered.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn slt_files() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let wanted = std::env::var("BILIM_SLT").unwrap_or_default();
        let mut failures = String::new();
        let paths = files("sql", "slt");
        assert!(!paths.is_empty(), "there are no .slt files");
        for path in paths.iter().filter(|path| path.to_string_lossy().contains(&wanted)) {
            let ctx = lake.ctx.clone();
            let mut runner = Runner::new(|| async { Ok(Database(ctx.clone())) });
            runner.with_column_validator(strict_column_validator);
            let records =
                sqllogictest::parse_file(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for record in records {
                if let Err(error) = runner.run_async(record).await {
                    let _ = writeln!(failures, "{}\n", error.display(false));
                }
            }
        }
        assert!(failures.is_empty(), "\n{failures}");
    });
}

#[test]
fn slt_checks_find_nothing() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let mut failures = String::new();
        for path in files("sql/checks", "sql") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if NOT_ON_THE_FIXTURE.contains(&name.as_str()) {
                continue;
            }
            let sql = std::fs::read_to_string(&path).unwrap();
            match query(&lake.ctx, &sql).await {
                Ok((_, rows)) => {
                    for row in rows {
                        let _ = writeln!(failures, "{name}: {}", row.join(" "));
                    }
                }
                Err(error) => {
                    let _ = writeln!(failures, "{name}: {error}");
                }
            }
        }
        assert!(failures.is_empty(), "\n{failures}");
    });
}
