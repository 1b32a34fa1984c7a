//! What a table of the lake looks like: columns, partitions, order of rows, what a submission replaces.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};

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
    /// High-entropy integer columns: a dictionary only slows them down, and a Bloom filter finds one value.
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

    /// A table of the ledger: rows are only ever added, in the order of the first column.
    pub(super) fn ledger(name: &str, fields: Vec<Field>) -> Self {
        let sort_columns = fields.first().map(|field| field.name().clone()).into_iter().collect();
        Self {
            name: format!("gov.{name}"),
            schema: Arc::new(Schema::new(fields)),
            partition_columns: Vec::new(),
            sort_columns,
            cut_column: None,
            scope_columns: Vec::new(),
            territory: None,
            plain_columns: Vec::new(),
        }
    }
}
