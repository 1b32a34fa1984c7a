//! The shape in which answers leave: plain types that every client reads, in batches worth a message.
//!
//! A plan has one schema on the wire, whoever asks for it and whenever: that of the plan as resolved, with views
//! as their plain types and dictionaries as their values. What the engine's operators make on the way is cast.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::{BatchCoalescer, cast};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;

/// Rows of a batch of few and narrow columns; wider ones get fewer, so that batches are of like size.
const ROWS: usize = 65_536;

/// Columns up to which a batch has all its rows.
const NARROW: usize = 8;

/// Fewest rows that a batch is collected to.
const LEAST: usize = 8_192;

/// Rows of a batch of this schema on the wire.
pub(super) fn batch_rows(schema: &Schema) -> usize {
    (ROWS * NARROW / schema.fields().len().max(NARROW)).max(LEAST)
}

/// The type that stands for `data_type` on the wire.
#[must_use]
pub fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::RunEndEncoded(_, values) => plain_type(values.data_type()),
        DataType::List(field) | DataType::ListView(field) => DataType::List(plain_field(field)),
        DataType::LargeList(field) | DataType::LargeListView(field) => {
            DataType::LargeList(plain_field(field))
        }
        DataType::FixedSizeList(field, size) => DataType::FixedSizeList(plain_field(field), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain_field).collect()),
        DataType::Map(field, is_sorted) => DataType::Map(plain_field(field), *is_sorted),
        other => other.clone(),
    }
}

fn plain_field(field: &FieldRef) -> FieldRef {
    Arc::new(Field::new(field.name(), plain_type(field.data_type()), field.is_nullable()))
}

/// The schema of an answer on the wire: names and nullability of the plan's, plain types, no metadata.
#[must_use]
pub fn plain_schema(schema: &Schema) -> SchemaRef {
    Arc::new(Schema::new(schema.fields().iter().map(plain_field).collect::<Vec<_>>()))
}

/// A batch in its shape on the wire.
///
/// # Errors
/// When a column cannot be cast, or holds a NULL where the plan said that there is none.
pub fn to_plain(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    if batch.schema_ref() == schema {
        return Ok(batch.clone());
    }
    if batch.num_columns() == 0 {
        let options =
            datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        return RecordBatch::try_new_with_options(Arc::clone(schema), Vec::new(), &options);
    }
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        if column.data_type() == field.data_type() {
            Ok(Arc::clone(column))
        } else {
            cast(column, field.data_type())
        }
    });
    RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_, _>>()?)
}

/// A stream in its shape on the wire, batch by batch.
pub(super) fn plain(stream: SendableRecordBatchStream, schema: SchemaRef) -> SendableRecordBatchStream {
    if *stream.schema() == *schema {
        return stream;
    }
    let target = Arc::clone(&schema);
    let batches = stream.map(move |batch| to_plain(&batch?, &target).map_err(DataFusionError::from));
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}

/// Collects the small batches of the engine to those of the wire, in order.
pub struct Shaper {
    schema: SchemaRef,
    collected: BatchCoalescer,
    /// Rows of answers without columns, which are only counted.
    is_bare: bool,
}

impl Shaper {
    /// For answers of this schema on the wire.
    #[must_use]
    pub fn new(schema: SchemaRef) -> Self {
        let mut shaper = Self::even(schema);
        // A large batch is passed on as it is rather than copied.
        shaper.collected.set_biggest_coalesce_batch_size(Some(ROWS / 2));
        shaper
    }

    /// As [`Shaper::new`], with every batch but the last of one size, however the rows came.
    #[must_use]
    pub fn even(schema: SchemaRef) -> Self {
        let collected = BatchCoalescer::new(Arc::clone(&schema), batch_rows(&schema));
        let is_bare = schema.fields().is_empty();
        Self { schema, collected, is_bare }
    }

    /// Add a batch of the engine; the batches that became whole come back.
    ///
    /// # Errors
    /// As [`to_plain`].
    pub fn push(&mut self, batch: &RecordBatch) -> Result<Vec<RecordBatch>, ArrowError> {
        let batch = to_plain(batch, &self.schema)?;
        if self.is_bare {
            return Ok(vec![batch]);
        }
        self.collected.push_batch(batch)?;
        Ok(self.completed())
    }

    /// What is left.
    ///
    /// # Errors
    /// When the last rows cannot be put together.
    pub fn finish(&mut self) -> Result<Vec<RecordBatch>, ArrowError> {
        self.collected.finish_buffered_batch()?;
        Ok(self.completed())
    }

    fn completed(&mut self) -> Vec<RecordBatch> {
        std::iter::from_fn(|| self.collected.next_completed_batch()).collect()
    }
}
