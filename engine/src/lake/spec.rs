//! What a table of the lake looks like: columns, partitions, order of rows, what a submission replaces.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::definitions::{FieldType, Form, Mode};

/// Layout of one table.
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// `raw.s1_pupil`; the schema is the folder.
    pub name: String,
    /// Every column, partition columns included, in the order users see.
    pub schema: SchemaRef,
    /// Partition columns (Int32), first in the schema; empty = one partition.
    pub partition_columns: Vec<String>,
    /// Rows of a file are ascending in these columns, NULL first.
    pub sort_columns: Vec<String>,
    /// Files are cut where this column changes; `None` = anywhere.
    pub cut_column: Option<String>,
    /// With the year: what a submission replaces; empty = rows are only ever added.
    pub scope_columns: Vec<String>,
    /// Column of the territory, for `gov.scope`.
    pub territory: Option<String>,
    /// High-entropy integer columns, which a dictionary only slows down.
    pub plain_columns: Vec<String>,
}

impl TableSpec {
    /// The raw table of a form.
    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        let has = |name: &str| form.field(name).is_some();
        let organisation = has("org_bin").then(|| "org_bin".to_owned());
        let mut sort_columns: Vec<String> = Vec::new();
        for column in form.territory.iter().chain(&organisation).chain(&form.key) {
            if !sort_columns.contains(column) {
                sort_columns.push(column.clone());
            }
        }
        let plain_columns = form
            .fields
            .iter()
            .filter(|field| field.field_type == FieldType::Pseudonym)
            .map(|field| field.name.clone())
            .collect();
        Self {
            name: format!("raw.{}", form.table()),
            schema: form.table_schema(),
            partition_columns: vec!["year".to_owned(), "region".to_owned()],
            cut_column: organisation.or_else(|| sort_columns.first().cloned()),
            sort_columns,
            scope_columns: match form.mode {
                Mode::Replace => form.scope.clone(),
                Mode::Upsert => form.key.clone(),
            },
            territory: form.territory.clone(),
            plain_columns,
        }
    }

    /// Columns stored in the files: all but the partition columns.
    #[must_use]
    pub fn file_schema(&self) -> SchemaRef {
        let fields =
            self.schema.fields().iter().filter(|field| !self.partition_columns.contains(field.name()));
        Arc::new(Schema::new(fields.cloned().collect::<Vec<_>>()))
    }

    fn ledger(name: &str, fields: Vec<Field>) -> Self {
        Self {
            name: format!("gov.{name}"),
            schema: Arc::new(Schema::new(fields)),
            partition_columns: Vec::new(),
            sort_columns: vec!["submission".to_owned()],
            cut_column: None,
            scope_columns: Vec::new(),
            territory: None,
            plain_columns: Vec::new(),
        }
    }
}

fn field(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

/// Time in the ledger: microseconds, UTC.
pub(super) fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// `gov.submission`: one row per submission, accepted or rejected.
#[must_use]
pub fn submission() -> TableSpec {
    TableSpec::ledger(
        "submission",
        vec![
            field("submission", DataType::Int64),
            field("form", DataType::Utf8),
            field("year", DataType::Int32),
            field("file_name", DataType::Utf8),
            field("content_sha256", DataType::Utf8),
            field("subject_bin", DataType::Int64),
            field("submitted_at", timestamp()),
            field("outcome", DataType::Utf8),
            field("row_count", DataType::Int64),
            field("superseded_row_count", DataType::Int64),
            field("error_count", DataType::Int64),
            field("warning_count", DataType::Int64),
            field("lake_version", DataType::Int64),
            field("definitions", DataType::Utf8),
        ],
    )
}

/// `gov.finding`: one row per finding of a submission.
#[must_use]
pub fn finding() -> TableSpec {
    TableSpec::ledger(
        "finding",
        vec![
            field("submission", DataType::Int64),
            field("file", DataType::Utf8),
            field("row", DataType::Int64),
            field("field", DataType::Utf8),
            field("rule", DataType::Utf8),
            field("severity", DataType::Utf8),
            field("value", DataType::Utf8),
            field("message_en", DataType::Utf8),
            field("message_ru", DataType::Utf8),
            field("message_kk", DataType::Utf8),
        ],
    )
}

/// `gov.scope`: what an accepted submission covered, by organisation.
#[must_use]
pub fn scope() -> TableSpec {
    TableSpec::ledger(
        "scope",
        vec![
            field("submission", DataType::Int64),
            field("form", DataType::Utf8),
            field("year", DataType::Int32),
            field("region", DataType::Int32),
            field("district", DataType::Int32),
            field("org_bin", DataType::Int64),
            field("row_count", DataType::Int64),
        ],
    )
}
