//! Rows of a mapping's queries on their way to intake: one temporary Parquet file a form.
//!
//! Intake reads files, and all rows of a submission must lie in one, so that a record that
//! stands twice is found. Integers and decimals of one kind meet in the widest type, which
//! loses nothing; every other judgement is left to intake.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use tempfile::NamedTempFile;

use super::error::ImportError;
use crate::definitions::Form;

/// A query of a mapping.
pub struct Query {
    /// Name of the source.
    pub name: String,
    /// File of the query.
    pub file: String,
    /// The query.
    pub plan: LogicalPlan,
}

impl Query {
    fn columns(&self, message: String) -> ImportError {
        ImportError::Columns { name: self.name.clone(), file: self.file.clone(), message }
    }
}

/// Run the loads of a form one after the other into a file in `folder`; `told` gets the number of rows so far.
pub async fn collect(
    ctx: &SessionContext,
    form: &Form,
    loads: &[Query],
    folder: &Path,
    told: impl Fn(u64),
) -> Result<NamedTempFile, ImportError> {
    let schema = meeting_schema(form, loads)?;
    let file = tempfile::Builder::new()
        .prefix("import-")
        .suffix(".parquet")
        .tempfile_in(folder)
        .map_err(|source| ImportError::Temporary { path: folder.to_owned(), source })?;
    let written = |source| ImportError::WriteRows { form: form.code.clone(), source };
    let properties = WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None).build();
    let mut writer =
        ArrowWriter::try_new(file.as_file(), Arc::clone(&schema), Some(properties)).map_err(written)?;
    let mut rows = 0;
    for load in loads {
        let failed = |source| ImportError::Run { name: load.name.clone(), file: load.file.clone(), source };
        let frame = ctx.execute_logical_plan(load.plan.clone()).await.map_err(failed)?;
        let mut batches = frame.execute_stream().await.map_err(failed)?;
        while let Some(batch) = batches.next().await {
            let batch = conform(&batch.map_err(failed)?, &schema).map_err(|source| ImportError::Value {
                name: load.name.clone(),
                file: load.file.clone(),
                source,
            })?;
            writer.write(&batch).map_err(written)?;
            rows += batch.num_rows() as u64;
            told(rows);
        }
    }
    writer.close().map_err(written)?;
    Ok(file)
}

/// `year` and the fields of the form, in types that hold the values of every load.
fn meeting_schema(form: &Form, loads: &[Query]) -> Result<SchemaRef, ImportError> {
    let mut fields = Vec::with_capacity(form.fields.len() + 1);
    let due = std::iter::once(("year", DataType::Int32))
        .chain(form.fields.iter().map(|field| (field.name.as_str(), field.field_type.arrow())));
    for (name, declared) in due {
        let mut meeting: Option<DataType> = None;
        for load in loads {
            let stored = load
                .plan
                .schema()
                .as_arrow()
                .column_with_name(name)
                .map(|(_, field)| field.data_type().clone())
                .ok_or_else(|| load.columns(format!("there is no column {name}, which {} has", form.code)))?;
            let Some(widest) = widest(&stored) else { continue };
            meeting = match meeting {
                None => Some(widest),
                Some(known) => Some(meet(&known, &widest).ok_or_else(|| {
                    load.columns(format!("{name} is {widest}, in an earlier load of {} {known}", form.code))
                })?),
            };
        }
        fields.push(Field::new(name, meeting.unwrap_or(declared), true));
    }
    for load in loads {
        let columns = load.plan.schema().as_arrow().fields();
        if let Some(odd) =
            columns.iter().find(|column| fields.iter().all(|field| field.name() != column.name()))
        {
            return Err(load.columns(format!("{} is no field of {}", odd.name(), form.code)));
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// The type that holds all values of a kind; `None` for a column of nothing but NULL.
fn widest(stored: &DataType) -> Option<DataType> {
    Some(match stored {
        DataType::Null => return None,
        DataType::Dictionary(_, values) => return widest(values),
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        integer if integer.is_integer() => DataType::Int64,
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => DataType::Decimal128(38, *scale),
        other => other.clone(),
    })
}

fn meet(a: &DataType, b: &DataType) -> Option<DataType> {
    match (a, b) {
        (DataType::Decimal128(_, a), DataType::Decimal128(_, b)) => Some(DataType::Decimal128(38, *a.max(b))),
        _ => (a == b).then(|| a.clone()),
    }
}

fn conform(
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<RecordBatch, datafusion::arrow::error::ArrowError> {
    // Not safe: what does not fit is an error, never a NULL.
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let column = batch.column(batch.schema().index_of(field.name())?);
        columns.push(if column.data_type() == field.data_type() {
            Arc::clone(column)
        } else {
            cast_with_options(column, field.data_type(), &options)?
        });
    }
    RecordBatch::try_new(Arc::clone(schema), columns)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{AsArray, UInt64Array};

    use super::*;

    #[test]
    fn kinds_meet_without_loss_and_others_not_at_all() {
        assert_eq!(widest(&DataType::UInt8), Some(DataType::Int64));
        assert_eq!(widest(&DataType::Null), None);
        let text = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8View));
        assert_eq!(widest(&text), Some(DataType::Utf8));
        let narrow = DataType::Decimal128(38, 1);
        let wide = DataType::Decimal128(38, 6);
        assert_eq!(meet(&narrow, &wide), Some(wide));
        assert_eq!(meet(&DataType::Int64, &DataType::Float64), None);
    }

    #[test]
    fn a_value_that_does_not_fit_is_an_error() {
        let batch = |value| {
            let schema = Schema::new(vec![Field::new("n", DataType::UInt64, true)]);
            RecordBatch::try_new(Arc::new(schema), vec![Arc::new(UInt64Array::from(vec![value]))])
                .expect("rows")
        };
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]));
        let kept = conform(&batch(7), &schema).expect("it fits");
        assert_eq!(kept.column(0).as_primitive::<datafusion::arrow::datatypes::Int64Type>().value(0), 7);
        assert!(conform(&batch(u64::MAX), &schema).is_err());
    }
}
