//! Tests of the lake over real files.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod confirmation;
mod crash;
mod flips;
mod freeze;
mod inject;
mod landing;
mod object;
mod object_faults;
mod provider;
mod staging;
mod verify;

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::{SessionConfig, SessionContext};
use tempfile::TempDir;

use super::provider::RawTable;
use super::*;
use crate::definitions::{AcademicYearRule, Field, FieldType, Form, Labels, Mode, Subject};

/// A lake in a folder that goes with the test.
pub(super) struct Place {
    folder: TempDir,
}

impl Place {
    pub(super) async fn new() -> (Self, Lake) {
        let place = Self { folder: TempDir::new().unwrap() };
        let lake = Lake::init(&place.path()).await.unwrap();
        (place, lake)
    }

    pub(super) fn path(&self) -> String {
        self.folder.path().join("lake").display().to_string()
    }

    /// A second look, as another process would have it.
    pub(super) async fn reopen(&self) -> Lake {
        Lake::open(&self.path()).await.unwrap()
    }
}

pub(super) fn field(name: &str, field_type: FieldType) -> Field {
    Field {
        name: name.to_owned(),
        field_type,
        is_required: false,
        min: None,
        max: None,
        codes: None,
        members: Vec::new(),
        unit: None,
        aliases: Vec::new(),
        label: Labels::default(),
    }
}

/// Learners of organisations: replaced by organisation.
pub(super) fn form() -> Form {
    Form {
        code: "S1.TEST".to_owned(),
        version: 1,
        source: "S1".to_owned(),
        data_kind: None,
        legal_basis: None,
        source_system: None,
        refused_titles: Vec::new(),
        title: Labels::default(),
        grain: String::new(),
        academic_year: AcademicYearRule::Begins,
        mode: Mode::Replace,
        scope: vec!["org_bin".to_owned()],
        key: vec!["pid".to_owned(), "org_bin".to_owned()],
        subject: Subject::Organisation,
        signature: crate::definitions::Signing::Optional,
        territory: Some("district".to_owned()),
        owed_by: Vec::new(),
        due: None,
        valid_from_year: 2010,
        fields: vec![
            field("district", FieldType::Kato),
            field("org_bin", FieldType::Bin),
            field("pid", FieldType::Pseudonym),
            field("sex", FieldType::Code),
            field("born", FieldType::Date),
            field("mark", FieldType::Decimal(5, 1)),
        ],
        rules: Vec::new(),
    }
}

/// Results by person: updated by record.
pub(super) fn upsert_form() -> Form {
    Form {
        code: "S7.TEST".to_owned(),
        mode: Mode::Upsert,
        scope: Vec::new(),
        key: vec!["pid".to_owned()],
        ..form()
    }
}

/// Year, district, organisation, person, sex.
pub(super) type Row = (i32, i32, i64, i64, Option<&'static str>);

pub(super) fn rows(rows: &[Row]) -> RecordBatch {
    let form = form();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| row.0).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|row| row.1 / 10_000_000).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|row| row.1).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.3).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.4).collect::<StringArray>()),
        Arc::new(
            rows.iter().map(|row| Some(i32::try_from(row.3 % 20_000).unwrap())).collect::<Date32Array>(),
        ),
        Arc::new(
            rows.iter()
                .map(|row| Some(i128::from(row.3 % 50)))
                .collect::<Decimal128Array>()
                .with_precision_and_scale(5, 1)
                .unwrap(),
        ),
    ];
    RecordBatch::try_new(form.row_schema(), columns).unwrap()
}

/// One stream of batches.
pub(super) fn stream(
    batches: Vec<RecordBatch>,
) -> impl futures::Stream<Item = std::result::Result<RecordBatch, std::io::Error>> + Unpin {
    futures::stream::iter(batches.into_iter().map(Ok))
}

pub(super) fn landing(form: &Form, content: &str, staged: Option<StagedFiles>) -> Landing {
    Landing {
        confirmation: None,
        form: form.code.clone(),
        year: Some(2024),
        content_sha256: super::version::sha256_hex(content.as_bytes()),
        file_name: format!("{content}.csv"),
        subject_bin: Some(990_140_000_001),
        source_system: None,
        submitted_at: chrono::DateTime::from_timestamp(1_730_000_000, 0).unwrap(),
        row_count: staged.as_ref().map_or(0, StagedFiles::row_count),
        outcome: if staged.is_some() { Outcome::Accepted } else { Outcome::Rejected },
        staged,
        findings: Vec::new(),
        error_count: 0,
        warning_count: 0,
    }
}

/// Stage and land some rows as one submission.
pub(super) async fn land(
    writer: &Writer,
    form: &Form,
    content: &str,
    data: &[Row],
) -> Result<Receipt, LakeError> {
    let staged = writer.stage(form, stream(vec![rows(data)])).await?;
    Ok(writer.land(vec![landing(form, content, Some(staged))]).await?.remove(0))
}

pub(super) fn options() -> WriterOptions {
    WriterOptions { threads: 2, ..WriterOptions::default() }
}

/// A context with `t` = the form's table and the ledger at a version.
pub(super) async fn context(lake: &Lake, as_of: AsOf, form: &Form) -> SessionContext {
    let snapshot = lake.snapshot(as_of).await.unwrap();
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
    let register = |name: &str, spec: &TableSpec| {
        context.register_table(name, Arc::new(RawTable::new(&snapshot, spec).unwrap())).unwrap();
    };
    register("t", &TableSpec::of_form(form));
    register("submission", &submission());
    register("finding", &finding());
    register("scope", &scope());
    context
}

pub(super) async fn sql(context: &SessionContext, query: &str) -> String {
    let batches = context.sql(query).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

/// The cells of a result, rows joined by `;`, without borders.
pub(super) async fn cells(context: &SessionContext, query: &str) -> String {
    let table = sql(context, query).await;
    let lines: Vec<String> = table
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(1)
        .map(|line| {
            line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
        })
        .collect();
    lines.join("; ")
}

/// What is live: year, region, organisation, person, in order.
pub(super) async fn live(lake: &Lake, as_of: AsOf, form: &Form) -> String {
    let context = context(lake, as_of, form).await;
    cells(&context, "select year, region, org_bin, pid from t order by year, org_bin, pid, region").await
}
