//! Parquet: columns of declared types, which must be the ones the form asks for.
//!
//! A column of another type is one finding and is not read. Within the right kind a value
//! is still judged by what it is: 2.0 in a column of doubles is a whole number, 1.7 is a
//! finding.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::RowGroupMetaData;

use super::numbers::{double_text, whole_text};
use super::{Block, Rows, Source, choose_header, limit};
use crate::definitions::FieldType;
use crate::intake::cells::date_text;
use crate::intake::error::IntakeError;
use crate::intake::finding::{At, Findings};
use crate::intake::grid::Grid;
use crate::intake::header::Names;
use crate::intake::input::Input;
use crate::intake::rules::{self, field_name, same, type_name};
use crate::intake::{Options, ids};

const BATCH_ROWS: usize = 8192;

/// Most that a compressed column chunk may grow when it is inflated.
const MAX_RATIO: i64 = 200;

/// Read the schema and hold it against the form.
pub(super) fn open(
    input: &mut Input,
    names: &Arc<Names>,
    options: &Options<'_>,
    findings: &mut Findings,
) -> Result<Option<Rows>, IntakeError> {
    // The footer stands at the end: the bytes are hashed first and read a second time.
    input.skip_rest()?;
    let file = input.reopen()?;
    let form = names.form();
    let opened = catch_unwind(AssertUnwindSafe(|| {
        // The writer's own Arrow schema is not needed, and one more thing that could lie.
        let arrow = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        ParquetRecordBatchReaderBuilder::try_new_with_options(file, arrow).map_err(|error| error.to_string())
    }))
    .unwrap_or_else(|_| Err("Parquet".to_owned()));
    let builder = match opened {
        Ok(builder) => builder,
        Err(detail) => {
            findings.add(rules::TRUNCATED, At::FILE, || vec![same(detail)]);
            return Ok(None);
        }
    };
    let fields = builder.schema().fields().clone();
    if fields.len() > options.config.max_columns {
        limit(findings, "max_columns", fields.len(), options.config.max_columns);
        return Ok(None);
    }
    let metadata = Arc::clone(builder.metadata());
    let rows = metadata.row_groups().iter().map(|group| group.num_rows().max(0)).fold(0, i64::saturating_add);
    if u64::try_from(rows).is_ok_and(|rows| rows > options.config.max_rows) {
        limit(findings, "max_rows", rows, options.config.max_rows);
        return Ok(None);
    }
    let chunks = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    for chunk in chunks {
        let inflated = chunk.uncompressed_size().max(0);
        let is_bomb = inflated > (1 << 20) && inflated / MAX_RATIO > chunk.compressed_size().max(1);
        if is_bomb || u64::try_from(inflated).is_ok_and(|bytes| bytes > options.config.max_inflated_bytes) {
            limit(findings, "max_inflated_bytes", inflated, options.config.max_inflated_bytes);
            return Ok(None);
        }
    }
    let header: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
    let Some((_, mut layout)) = choose_header(names, &[(0, header)], options, findings) else {
        return Ok(None);
    };
    let mut kinds: Vec<Option<FieldType>> = vec![None; fields.len()];
    for (index, place) in layout.fields.iter_mut().enumerate() {
        let Some(column) = *place else { continue };
        let field = &form.fields[index];
        if fits(&field.field_type, fields[column].data_type()) {
            kinds[column] = Some(field.field_type.clone());
        } else {
            *place = None;
            let at = At { field: Some(&field.name), ..At::FILE };
            let stored = fields[column].data_type().to_string();
            findings.add(rules::TYPE_COLUMN, at, || {
                vec![field_name(field), type_name(&field.field_type), same(stored)]
            });
        }
    }
    // Nested columns hold nothing that a form takes, and are the costly ones to decode.
    let flat = (0..fields.len()).filter(|column| !fields[*column].data_type().is_nested());
    let mask = ProjectionMask::roots(builder.parquet_schema(), flat);
    let reader = catch_unwind(AssertUnwindSafe(|| {
        builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|error| error.to_string())
    }))
    .unwrap_or_else(|_| Err("Parquet".to_owned()));
    match reader {
        Ok(reader) => {
            let columns =
                Arc::new(Columns { kinds, names: fields.iter().map(|field| field.name().clone()).collect() });
            Ok(Some((layout, Box::new(Parquet { reader, columns, rows: u64::try_from(rows).unwrap_or(0) }))))
        }
        Err(detail) => {
            findings.add(rules::TRUNCATED, At::FILE, || vec![same(detail)]);
            Ok(None)
        }
    }
}

/// Whether values of a stored type can be values of a field.
fn fits(field_type: &FieldType, stored: &DataType) -> bool {
    let is_text = matches!(stored, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let is_date = matches!(stored, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
    let is_number = stored.is_numeric();
    match field_type {
        FieldType::Bin | FieldType::Kato => stored.is_integer() || is_text,
        FieldType::Pseudonym => matches!(stored, DataType::Int64 | DataType::UInt64) || is_text,
        FieldType::Code | FieldType::Text(_) => is_text,
        FieldType::Integer | FieldType::Long | FieldType::Decimal(..) | FieldType::Number => is_number,
        FieldType::Boolean => *stored == DataType::Boolean,
        FieldType::Date => is_date || is_text,
        FieldType::YearMonth => is_date || is_text || stored.is_integer(),
    }
}

/// What the columns of the file hold, by the file's own order.
#[derive(Debug)]
pub(in crate::intake) struct Columns {
    kinds: Vec<Option<FieldType>>,
    names: Vec<String>,
}

struct Parquet {
    reader: ParquetRecordBatchReader,
    columns: Arc<Columns>,
    rows: u64,
}

impl Source for Parquet {
    fn run(
        &mut self,
        _input: &mut Input,
        findings: &mut Findings,
        emit: &mut dyn FnMut(Block) -> bool,
    ) -> Result<(), IntakeError> {
        let mut row = 1;
        let detail = loop {
            let next = catch_unwind(AssertUnwindSafe(|| self.reader.next()));
            match next {
                Ok(Some(Ok(batch))) => {
                    let rows = batch.num_rows() as u64;
                    if !emit(Block::Arrow { batch, row, columns: Arc::clone(&self.columns) }) {
                        return Ok(());
                    }
                    row += rows;
                }
                Ok(Some(Err(error))) => break error.to_string(),
                Ok(None) if row - 1 == self.rows => return Ok(()),
                Ok(None) => break format!("{} rows of {}", row - 1, self.rows),
                Err(_) => break "Parquet".to_owned(),
            }
        };
        findings.add(rules::TRUNCATED, At::row(row), || vec![same(detail)]);
        Ok(())
    }
}

/// The cells of a batch.
pub(super) fn unpack(batch: &RecordBatch, first: u64, columns: &Columns) -> Grid {
    let width = columns.names.len();
    let rows = batch.num_rows();
    // Column by column: the type is looked at once, the text of all cells lies in one buffer.
    let mut text = Vec::with_capacity(rows * width * 8);
    let mut ends = vec![Vec::new(); width];
    let mut starts = vec![0; width];
    for (column, name) in columns.names.iter().enumerate() {
        starts[column] = text.len();
        if let Some(array) = batch.column_by_name(name) {
            ends[column].reserve(rows);
            write_column(array.as_ref(), columns.kinds[column].as_ref(), &mut text, &mut ends[column]);
        }
    }
    let mut grid = Grid::new(text, width);
    for row in 0..rows {
        for column in 0..width {
            match ends[column].get(row) {
                Some(end) => {
                    let start = if row == 0 { starts[column] } else { ends[column][row - 1] };
                    grid.push_slice(start, *end);
                }
                None => grid.push_slice(0, 0),
            }
        }
        grid.end_row(first + row as u64);
    }
    grid
}

fn write_column(array: &dyn Array, kind: Option<&FieldType>, text: &mut Vec<u8>, ends: &mut Vec<usize>) {
    macro_rules! each {
        ($values:expr, $write:expr) => {
            for value in $values {
                if let Some(value) = value {
                    $write(&mut *text, value);
                }
                ends.push(text.len());
            }
        };
    }
    let push = |text: &mut Vec<u8>, value: &str| text.extend_from_slice(value.as_bytes());
    macro_rules! whole {
        ($type:ty) => {
            each!(array.as_primitive::<$type>().iter(), |text: &mut Vec<u8>, value| {
                write_whole(text, i128::from(value), kind);
            })
        };
    }
    macro_rules! time {
        ($type:ty, $per_day:expr) => {
            each!(array.as_primitive::<$type>().iter(), |text: &mut Vec<u8>, value: i64| {
                push(text, &time_text(value, $per_day, kind));
            })
        };
    }
    match array.data_type() {
        DataType::Int8 => whole!(Int8Type),
        DataType::Int16 => whole!(Int16Type),
        DataType::Int32 => whole!(Int32Type),
        DataType::Int64 => whole!(Int64Type),
        DataType::UInt8 => whole!(UInt8Type),
        DataType::UInt16 => whole!(UInt16Type),
        DataType::UInt32 => whole!(UInt32Type),
        DataType::UInt64 => whole!(UInt64Type),
        DataType::Float32 => {
            each!(array.as_primitive::<Float32Type>().iter(), |text: &mut Vec<u8>, value: f32| {
                // Through its own shortest text: 0.1 as a single is not 0.1 as a double.
                push(text, &double_text(value.to_string().parse().unwrap_or(f64::NAN), kind));
            })
        }
        DataType::Float64 => {
            each!(array.as_primitive::<Float64Type>().iter(), |text: &mut Vec<u8>, value| {
                push(text, &double_text(value, kind));
            })
        }
        DataType::Decimal128(_, scale) => {
            let scale = usize::try_from(*scale).unwrap_or(0);
            each!(array.as_primitive::<Decimal128Type>().iter(), |text: &mut Vec<u8>, value| {
                push(text, &decimal_text(value, scale));
            });
        }
        DataType::Boolean => each!(array.as_boolean().iter(), |text: &mut Vec<u8>, value| {
            push(text, if value { "true" } else { "false" });
        }),
        DataType::Utf8 => each!(array.as_string::<i32>().iter(), push),
        DataType::LargeUtf8 => each!(array.as_string::<i64>().iter(), push),
        DataType::Utf8View => each!(array.as_string_view().iter(), push),
        DataType::Date32 => {
            each!(array.as_primitive::<Date32Type>().iter(), |text: &mut Vec<u8>, value: i32| {
                push(text, &time_text(i64::from(value), 1, kind));
            })
        }
        DataType::Date64 => time!(Date64Type, 86_400_000),
        DataType::Timestamp(TimeUnit::Second, _) => time!(TimestampSecondType, 86_400),
        DataType::Timestamp(TimeUnit::Millisecond, _) => time!(TimestampMillisecondType, 86_400_000),
        DataType::Timestamp(TimeUnit::Microsecond, _) => time!(TimestampMicrosecondType, 86_400_000_000),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => time!(TimestampNanosecondType, 86_400_000_000_000),
        // Binary, time of day and the like fit no field; as unknown columns they are findings already.
        _ => ends.extend(std::iter::repeat_n(text.len(), array.len())),
    }
}

fn write_whole(text: &mut Vec<u8>, value: i128, kind: Option<&FieldType>) {
    match kind {
        // As stored: two's complement of 16 hex digits. A plain IIN would be one, too.
        Some(FieldType::Pseudonym) => {
            let number =
                i64::try_from(value).map_or_else(|_| u64::try_from(value).unwrap_or(0), i64::cast_unsigned);
            let plain = format!("{value:012}");
            if value >= 0 && plain.len() == 12 && ids::iin(plain.as_bytes()).is_some() {
                text.extend_from_slice(plain.as_bytes());
            } else {
                // Writing to memory does not fail.
                let _ = write!(text, "{number:016x}");
            }
        }
        Some(FieldType::Integer | FieldType::Kato | FieldType::YearMonth) => {
            let _ = write!(text, "{value}");
        }
        _ => text.extend_from_slice(whole_text(value, kind).as_bytes()),
    }
}

fn decimal_text(value: i128, scale: usize) -> String {
    if scale == 0 {
        return value.to_string();
    }
    let digits = format!("{:0width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" })
}

/// A point in time as a date, when it is one: midnight of a day.
fn time_text(value: i64, per_day: i64, kind: Option<&FieldType>) -> String {
    let days = value.div_euclid(per_day);
    let Ok(days) = i32::try_from(days) else { return value.to_string() };
    let date = date_text(days);
    if value.rem_euclid(per_day) != 0 {
        return format!("{date} +{}/{per_day}", value.rem_euclid(per_day));
    }
    match kind {
        Some(FieldType::YearMonth) => date.get(..7).unwrap_or(&date).to_owned(),
        _ => date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_times_read_as_typed() {
        assert_eq!(decimal_text(-5, 2), "-0.05");
        assert_eq!(decimal_text(12_345, 2), "123.45");
        assert_eq!(time_text(86_400_000 * 19_967, 86_400_000, None), "2024-09-01");
        assert_eq!(time_text(86_400_000 * 19_967, 86_400_000, Some(&FieldType::YearMonth)), "2024-09");
        assert!(time_text(86_400_000 * 19_967 + 1, 86_400_000, None).contains('+'));
        assert_eq!(time_text(-86_400, 86_400, None), "1969-12-31");
    }
}
