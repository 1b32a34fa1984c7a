//! Requirements of the Rules: a test named `r_NN_...` holds requirement R-NN (`bilim catalog rules`).

mod basis;
mod control;
mod lineage;
mod parameters;
mod protection;
mod publications;
mod site;
mod sources;
mod subjects;
mod systems;
mod updates;
mod views;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bilim::config::Config;
use bilim::definitions::Form;
use bilim::intake::{self, Report};
use datafusion::arrow::array::Array;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::SessionContext;
use tempfile::TempDir;

/// Rows of an answer as text; NULL is `NULL`.
async fn rows(ctx: &SessionContext, sql: &str) -> Vec<Vec<String>> {
    let frame = ctx.sql(sql).await.unwrap_or_else(|error| panic!("{sql}\n{error}"));
    let mut rows = Vec::new();
    for batch in Box::pin(frame.collect()).await.unwrap_or_else(|error| panic!("{sql}\n{error}")) {
        let options = FormatOptions::default();
        let columns: Vec<_> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let cell = |(index, column): (usize, &ArrayFormatter<'_>)| {
                if batch.column(index).is_null(row) {
                    "NULL".to_owned()
                } else {
                    column.value(row).to_string()
                }
            };
            rows.push(columns.iter().enumerate().map(cell).collect());
        }
    }
    rows
}

/// The first column of an answer.
async fn column(ctx: &SessionContext, sql: &str) -> Vec<String> {
    rows(ctx, sql).await.into_iter().map(|mut row| row.remove(0)).collect()
}

/// The first row of a form's fixture with other values in some columns, as a file.
fn fixture(form: &Form, changes: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("datasets/fixtures/tiny")
        .join(format!("{}.csv", form.table()));
    let mut reader =
        csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let header = reader.headers().unwrap().clone();
    let first = reader.records().next().expect("a fixture has rows").unwrap();
    for (name, _) in changes {
        assert!(header.iter().any(|column| column == *name), "{} has no {name}", form.code);
    }
    let other = |name: &str| changes.iter().find(|(column, _)| *column == name).map(|(_, value)| *value);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    writer
        .write_record(header.iter().zip(first.iter()).map(|(name, value)| other(name).unwrap_or(value)))
        .unwrap();
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// What intake says of a file.
fn read(form: &Arc<Form>, text: &str) -> Report {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, text).unwrap();
    let config = Config::default();
    intake::read(form, &path, &intake::Options::new(&config), |_| Ok::<(), std::io::Error>(())).unwrap()
}

/// The rules that a file breaks.
fn broken(form: &Arc<Form>, text: &str) -> BTreeSet<String> {
    read(form, text).counts.into_keys().map(|(rule, _)| rule).collect()
}
