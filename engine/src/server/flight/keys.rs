//! Primary and foreign keys, as the forms state them.
//!
//! The key of a form's table is its year with the columns of its key. A table refers to another where it has all
//! columns of that one's key: every table with an `org_bin` to the register of organisations, the parts of a study
//! to the study.

use std::sync::Arc;

use arrow_flight::error::FlightError;
use arrow_flight::sql::{
    CommandGetCrossReference, CommandGetExportedKeys, CommandGetImportedKeys, CommandGetPrimaryKeys,
};
use datafusion::arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray, UInt8Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::definitions::Form;
use crate::server::engine::Opened;

/// The form in which organisations say what they are; others hold facts about them under the same key.
const REGISTER: &str = "S1.ORG";

const CATALOG: &str = "bilim";
const SCHEMA: &str = "raw";

/// `NO ACTION`: a submission does not change others.
const NO_ACTION: u8 = 3;

fn text(name: &str, is_nullable: bool) -> Field {
    Field::new(name, DataType::Utf8, is_nullable)
}

/// Schema of the answer to `GetPrimaryKeys`.
pub fn primary_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        text("catalog_name", true),
        text("db_schema_name", true),
        text("table_name", false),
        text("column_name", false),
        text("key_name", true),
        Field::new("key_sequence", DataType::Int32, false),
    ]))
}

/// Schema of the answers to `GetExportedKeys`, `GetImportedKeys` and `GetCrossReference`.
pub fn foreign_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        text("pk_catalog_name", true),
        text("pk_db_schema_name", true),
        text("pk_table_name", false),
        text("pk_column_name", false),
        text("fk_catalog_name", true),
        text("fk_db_schema_name", true),
        text("fk_table_name", false),
        text("fk_column_name", false),
        Field::new("key_sequence", DataType::Int32, false),
        text("fk_key_name", true),
        text("pk_key_name", true),
        Field::new("update_rule", DataType::UInt8, false),
        Field::new("delete_rule", DataType::UInt8, false),
    ]))
}

/// A table that a client names; what it leaves out is any.
#[derive(Clone, Copy)]
struct Named<'a> {
    catalog: Option<&'a str>,
    schema: Option<&'a str>,
    table: &'a str,
}

impl Named<'_> {
    fn is(&self, form: &Form) -> bool {
        self.catalog.is_none_or(|catalog| catalog == CATALOG)
            && self.schema.is_none_or(|schema| schema == SCHEMA)
            && self.table == form.table()
    }
}

/// The forms whose tables the caller's session has.
fn visible(opened: &Opened) -> Vec<&Form> {
    let raw = opened.ctx.catalog(CATALOG).and_then(|catalog| catalog.schema(SCHEMA));
    let Some(raw) = raw else { return Vec::new() };
    let forms = opened.definitions.forms.iter().map(AsRef::as_ref);
    forms.filter(|form: &&Form| raw.table_exist(&form.table())).collect()
}

/// The columns of a table's key, the year first.
fn key(form: &Form) -> Vec<&str> {
    let mut columns = vec!["year"];
    columns.extend(form.key.iter().map(String::as_str).filter(|column| *column != "year"));
    columns
}

fn refers(child: &Form, parent: &Form) -> bool {
    if child.code == parent.code {
        return false;
    }
    let has = |column: &String| child.fields.iter().any(|field| field.name == *column);
    let is_part = parent.key.len() > 1 && parent.key != child.key && parent.source == child.source;
    (parent.code == REGISTER || is_part) && parent.key.iter().all(has)
}

/// The key of a table.
pub fn primary(opened: &Opened, command: &CommandGetPrimaryKeys) -> Result<RecordBatch, FlightError> {
    let named = Named {
        catalog: command.catalog.as_deref(),
        schema: command.db_schema.as_deref(),
        table: &command.table,
    };
    let mut rows = Vec::new();
    for form in visible(opened).into_iter().filter(|form| named.is(form)) {
        for (column, number) in key(form).into_iter().zip(1..) {
            rows.push((form.table(), column.to_owned(), format!("{}_key", form.table()), number));
        }
    }
    let count = rows.len();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![CATALOG; count])),
        Arc::new(StringArray::from(vec![SCHEMA; count])),
        Arc::new(rows.iter().map(|row| Some(row.0.as_str())).collect::<StringArray>()),
        Arc::new(rows.iter().map(|row| Some(row.1.as_str())).collect::<StringArray>()),
        Arc::new(rows.iter().map(|row| Some(row.2.as_str())).collect::<StringArray>()),
        Arc::new(rows.iter().map(|row| row.3).collect::<Int32Array>()),
    ];
    Ok(RecordBatch::try_new(primary_schema(), columns)?)
}

/// What refers to a table.
pub fn exported(opened: &Opened, command: &CommandGetExportedKeys) -> Result<RecordBatch, FlightError> {
    let parent = Named {
        catalog: command.catalog.as_deref(),
        schema: command.db_schema.as_deref(),
        table: &command.table,
    };
    foreign(opened, Some(parent), None)
}

/// What a table refers to.
pub fn imported(opened: &Opened, command: &CommandGetImportedKeys) -> Result<RecordBatch, FlightError> {
    let child = Named {
        catalog: command.catalog.as_deref(),
        schema: command.db_schema.as_deref(),
        table: &command.table,
    };
    foreign(opened, None, Some(child))
}

/// How one table refers to another.
pub fn cross_reference(
    opened: &Opened,
    command: &CommandGetCrossReference,
) -> Result<RecordBatch, FlightError> {
    let parent = Named {
        catalog: command.pk_catalog.as_deref(),
        schema: command.pk_db_schema.as_deref(),
        table: &command.pk_table,
    };
    let child = Named {
        catalog: command.fk_catalog.as_deref(),
        schema: command.fk_db_schema.as_deref(),
        table: &command.fk_table,
    };
    foreign(opened, Some(parent), Some(child))
}

/// Parent, child, column of the key and its number.
type Row = (String, String, String, i32);

fn foreign(
    opened: &Opened,
    parent: Option<Named<'_>>,
    child: Option<Named<'_>>,
) -> Result<RecordBatch, FlightError> {
    let forms = visible(opened);
    let mut rows: Vec<Row> = Vec::new();
    for to in forms.iter().filter(|form| parent.is_none_or(|named| named.is(form))) {
        for from in forms.iter().filter(|form| child.is_none_or(|named| named.is(form))) {
            if refers(from, to) {
                for (column, number) in key(to).into_iter().zip(1..) {
                    rows.push((to.table(), from.table(), column.to_owned(), number));
                }
            }
        }
    }
    let count = rows.len();
    let texts = |value: fn(&Row) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(value(row))).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![CATALOG; count])),
        Arc::new(StringArray::from(vec![SCHEMA; count])),
        texts(|row| row.0.clone()),
        texts(|row| row.2.clone()),
        Arc::new(StringArray::from(vec![CATALOG; count])),
        Arc::new(StringArray::from(vec![SCHEMA; count])),
        texts(|row| row.1.clone()),
        texts(|row| row.2.clone()),
        Arc::new(rows.iter().map(|row| row.3).collect::<Int32Array>()),
        texts(|row| format!("{}_to_{}", row.1, row.0)),
        texts(|row| format!("{}_key", row.0)),
        Arc::new(UInt8Array::from(vec![NO_ACTION; count])),
        Arc::new(UInt8Array::from(vec![NO_ACTION; count])),
    ];
    Ok(RecordBatch::try_new(foreign_schema(), columns)?)
}
