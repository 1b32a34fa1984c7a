//! Rows as a table, CSV, JSON, NDJSON, Markdown, Parquet, Arrow IPC or XLSX.

use std::io::Write;
use std::str::FromStr;
use std::sync::Arc;

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, TableComponent, presets,
};
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::datatypes::{DataType, Float64Type, SchemaRef};
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::arrow::json::{ArrayWriter, LineDelimitedWriter};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use parquet::arrow::ArrowWriter;

use super::error::{QueryError, execution};

/// Rows of a table kept for display; the whole answer has to be seen to set the widths.
const TABLE_ROWS: usize = 10_000;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for people.
    Table,
    /// RFC 4180, header, NULL empty.
    Csv,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// A Markdown table.
    Md,
    /// Parquet.
    Parquet,
    /// Arrow IPC file.
    Arrow,
    /// Excel workbook.
    Xlsx,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "table" => Self::Table,
            "csv" => Self::Csv,
            "json" => Self::Json,
            "ndjson" => Self::Ndjson,
            "md" => Self::Md,
            "parquet" => Self::Parquet,
            "arrow" => Self::Arrow,
            "xlsx" => Self::Xlsx,
            other => {
                return Err(format!("{other} is none of table, csv, json, ndjson, md, parquet, arrow, xlsx"));
            }
        })
    }
}

impl Format {
    /// A format whose bytes are not text.
    #[must_use]
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow | Self::Xlsx)
    }
}

/// How a table is shown.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Width of the terminal; `None` = as wide as it needs.
    pub width: Option<u16>,
    /// One line a column and a block a row.
    pub is_expanded: bool,
}

/// Write all rows of a stream; the answer is the number of rows.
///
/// Floats in tables are shown with at most six significant decimals; the other formats carry every digit.
///
/// # Errors
/// [`QueryError::Execution`] when the statement fails on the way, [`QueryError::Write`] when `out` does.
pub async fn write(
    mut stream: SendableRecordBatchStream,
    format: Format,
    layout: &Layout,
    out: &mut (dyn Write + Send),
) -> Result<u64, QueryError> {
    let schema = stream.schema();
    let mut sink = Sink::new(format, &schema, layout.clone(), out)?;
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(execution)?;
        rows += batch.num_rows() as u64;
        sink.write(&batch)?;
    }
    sink.finish(rows)?;
    Ok(rows)
}

enum Sink<'a> {
    Held {
        batches: Vec<RecordBatch>,
        held: usize,
        schema: SchemaRef,
        format: Format,
        layout: Layout,
        out: &'a mut (dyn Write + Send),
    },
    Csv(Box<datafusion::arrow::csv::Writer<&'a mut (dyn Write + Send)>>),
    Json(Box<ArrayWriter<&'a mut (dyn Write + Send)>>),
    Ndjson(Box<LineDelimitedWriter<&'a mut (dyn Write + Send)>>),
    Parquet(Box<ArrowWriter<&'a mut (dyn Write + Send)>>),
    Arrow(Box<FileWriter<&'a mut (dyn Write + Send)>>),
}

impl<'a> Sink<'a> {
    fn new(
        format: Format,
        schema: &SchemaRef,
        layout: Layout,
        out: &'a mut (dyn Write + Send),
    ) -> Result<Self, QueryError> {
        Ok(match format {
            Format::Table | Format::Md | Format::Xlsx => {
                Self::Held { batches: Vec::new(), held: 0, schema: Arc::clone(schema), format, layout, out }
            }
            Format::Csv => {
                let mut writer = WriterBuilder::new().with_header(true).build(out);
                // The header is due even when there is no row.
                writer.write(&RecordBatch::new_empty(Arc::clone(schema))).map_err(|e| arrow("csv", &e))?;
                Self::Csv(Box::new(writer))
            }
            Format::Json => Self::Json(Box::new(ArrayWriter::new(out))),
            Format::Ndjson => Self::Ndjson(Box::new(LineDelimitedWriter::new(out))),
            Format::Parquet => Self::Parquet(Box::new(
                ArrowWriter::try_new(out, Arc::clone(schema), None)
                    .map_err(|error| QueryError::Format { format: "parquet", message: error.to_string() })?,
            )),
            Format::Arrow => {
                Self::Arrow(Box::new(FileWriter::try_new(out, schema).map_err(|e| arrow("arrow", &e))?))
            }
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), QueryError> {
        match self {
            Self::Held { batches, held, format, .. } => {
                if *format == Format::Xlsx || *held < TABLE_ROWS {
                    *held += batch.num_rows();
                    batches.push(batch.clone());
                }
                Ok(())
            }
            Self::Csv(writer) => writer.write(batch).map_err(|e| arrow("csv", &e)),
            Self::Json(writer) => writer.write(batch).map_err(|e| arrow("json", &e)),
            Self::Ndjson(writer) => writer.write(batch).map_err(|e| arrow("ndjson", &e)),
            Self::Parquet(writer) => writer
                .write(batch)
                .map_err(|error| QueryError::Format { format: "parquet", message: error.to_string() }),
            Self::Arrow(writer) => writer.write(batch).map_err(|e| arrow("arrow", &e)),
        }
    }

    fn finish(self, rows: u64) -> Result<(), QueryError> {
        match self {
            Self::Held { batches, schema, format, layout, out, .. } => match format {
                Format::Xlsx => workbook(&schema, &batches, out),
                _ => text_table(&schema, &batches, format, &layout, rows, out),
            },
            Self::Csv(_) => Ok(()),
            Self::Json(mut writer) => {
                writer.finish().map_err(|e| arrow("json", &e))?;
                Ok(writeln!(writer.into_inner())?)
            }
            Self::Ndjson(mut writer) => writer.finish().map_err(|e| arrow("ndjson", &e)),
            Self::Parquet(writer) => writer
                .close()
                .map(|_| ())
                .map_err(|error| QueryError::Format { format: "parquet", message: error.to_string() }),
            Self::Arrow(mut writer) => writer.finish().map_err(|e| arrow("arrow", &e)),
        }
    }
}

fn arrow(format: &'static str, error: &datafusion::arrow::error::ArrowError) -> QueryError {
    if let datafusion::arrow::error::ArrowError::IoError(_, source) = error {
        return QueryError::Write(std::io::Error::new(source.kind(), source.to_string()));
    }
    QueryError::Format { format, message: error.to_string() }
}

/// Cells of one column as text; NULL is empty in tables.
fn cells(column: &dyn Array) -> Result<Vec<String>, QueryError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options).map_err(|e| arrow("table", &e))?;
    let floats = column.as_primitive_opt::<Float64Type>();
    Ok((0..column.len())
        .map(|row| match floats {
            Some(values) if values.is_valid(row) => number(values.value(row)),
            _ if column.is_null(row) => String::new(),
            _ => formatter.value(row).to_string(),
        })
        .collect())
}

/// At most six decimals, no trailing zeros.
fn number(value: f64) -> String {
    if value.abs() >= 1e15 || !value.is_finite() {
        return value.to_string();
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn is_numeric(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

fn markdown_table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    table
}

/// An empty table in our style: a line below the header, none between rows.
#[must_use]
pub fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_style(TableComponent::HeaderLines, '─');
    table.set_style(TableComponent::MiddleHeaderIntersections, '─');
    table
}

fn text_table(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    format: Format,
    layout: &Layout,
    rows: u64,
    out: &mut (dyn Write + Send),
) -> Result<(), QueryError> {
    if layout.is_expanded && format == Format::Table {
        return expanded(schema, batches, out);
    }
    let mut table = if format == Format::Md { markdown_table() } else { plain_table() };
    if let (Some(width), Format::Table) = (layout.width, format) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    let aligned = |text: &str, data_type: &DataType| {
        let alignment = if is_numeric(data_type) { CellAlignment::Right } else { CellAlignment::Left };
        Cell::new(text).set_alignment(alignment)
    };
    table.set_header(schema.fields().iter().map(|field| aligned(field.name(), field.data_type())));
    let mut shown = 0;
    for batch in batches {
        let columns = batch.columns().iter().map(|column| cells(column)).collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            if shown == TABLE_ROWS {
                break;
            }
            table.add_row(
                columns
                    .iter()
                    .zip(schema.fields())
                    .map(|(cells, field)| aligned(&cells[row], field.data_type())),
            );
            shown += 1;
        }
    }
    for (index, field) in schema.fields().iter().enumerate() {
        // Numbers broken over two lines are misread.
        if is_numeric(field.data_type())
            && let Some(column) = table.column_mut(index)
        {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    if rows > TABLE_ROWS as u64 {
        writeln!(out, "... {rows} rows, the first {TABLE_ROWS} shown; --format csv writes all")?;
    }
    Ok(())
}

fn expanded(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    out: &mut (dyn Write + Send),
) -> Result<(), QueryError> {
    let width = schema.fields().iter().map(|field| field.name().chars().count()).max().unwrap_or(0);
    let mut number = 0;
    for batch in batches {
        let columns = batch.columns().iter().map(|column| cells(column)).collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            number += 1;
            writeln!(out, "-[ record {number} ]-")?;
            for (field, cells) in schema.fields().iter().zip(&columns) {
                writeln!(out, "{:width$} | {}", field.name(), cells[row])?;
            }
        }
    }
    Ok(())
}

fn workbook(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    out: &mut (dyn Write + Send),
) -> Result<(), QueryError> {
    let bad =
        |error: rust_xlsxwriter::XlsxError| QueryError::Format { format: "xlsx", message: error.to_string() };
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    let sheet = workbook.add_worksheet();
    sheet.set_freeze_panes(1, 0).map_err(bad)?;
    for (column, field) in (0_u16..).zip(schema.fields()) {
        sheet.write_string_with_format(0, column, field.name(), &bold).map_err(bad)?;
    }
    let mut line = 1_u32;
    for batch in batches {
        for (column, array) in (0_u16..).zip(batch.columns()) {
            let numbers = is_numeric(array.data_type())
                .then(|| datafusion::arrow::compute::cast(array, &DataType::Float64))
                .transpose()
                .map_err(|e| arrow("xlsx", &e))?;
            let texts = if numbers.is_none() { cells(array)? } else { vec![String::new(); batch.num_rows()] };
            for (row, text) in texts.iter().enumerate() {
                let at = line + u32::try_from(row).unwrap_or(u32::MAX);
                if array.is_null(row) {
                    continue;
                }
                match &numbers {
                    Some(numbers) => {
                        let number = numbers.as_primitive::<Float64Type>().value(row);
                        sheet.write_number(at, column, number).map_err(bad)?
                    }
                    None => sheet.write_string(at, column, text).map_err(bad)?,
                };
            }
        }
        line = line.saturating_add(u32::try_from(batch.num_rows()).unwrap_or(u32::MAX));
    }
    sheet.autofit();
    let bytes = workbook.save_to_buffer().map_err(bad)?;
    Ok(out.write_all(&bytes)?)
}
