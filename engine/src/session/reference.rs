//! Reference tables: `datasets/reference/*.csv` typed by `schema.toml`, as `ref.<file stem>`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int32Builder, Int64Builder,
    RecordBatch, StringBuilder,
};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Schema};
use datafusion::datasource::{MemTable, TableProvider};
use serde::Deserialize;

use super::error::SessionError;
use crate::definitions::{Assets, DefinitionError};

const FOLDER: &str = "datasets/reference/";
const SCHEMA: &str = "datasets/reference/schema.toml";

/// `schema.toml`.
#[derive(Debug, Deserialize)]
struct Schemas {
    table: Vec<TableSchema>,
}

/// What it says of one file.
#[derive(Debug, Deserialize)]
struct TableSchema {
    name: String,
    columns: Vec<ColumnSchema>,
}

#[derive(Debug, Deserialize)]
struct ColumnSchema {
    name: String,
    r#type: String,
}

/// Every reference table by name.
///
/// # Errors
/// [`SessionError`] naming table, row and column of the first cell that does not fit its type.
pub fn tables(assets: &Assets) -> Result<BTreeMap<String, Arc<dyn TableProvider>>, SessionError> {
    let schemas: Schemas = toml::from_str(assets.text(SCHEMA)?)
        .map_err(|source| DefinitionError::Toml { path: SCHEMA.to_owned(), source: Box::new(source) })?;
    let mut tables: BTreeMap<String, Arc<dyn TableProvider>> = BTreeMap::new();
    for (path, _) in assets.under(FOLDER) {
        let Some(name) = path.strip_prefix(FOLDER).and_then(|file| file.strip_suffix(".csv")) else {
            continue;
        };
        let table = |message: String| SessionError::Reference { table: name.to_owned(), message };
        let schema = schemas
            .table
            .iter()
            .find(|table| table.name == name)
            .ok_or_else(|| table(format!("{SCHEMA} does not describe it")))?;
        let batch = read(name, assets.text(path)?, schema)?;
        tables.insert(name.to_owned(), Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?));
    }
    Ok(tables)
}

fn read(name: &str, text: &str, schema: &TableSchema) -> Result<RecordBatch, SessionError> {
    let bad = |message: String| SessionError::Reference { table: name.to_owned(), message };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let header: Vec<String> =
        reader.headers().map_err(|error| bad(error.to_string()))?.iter().map(str::to_owned).collect();
    let declared: Vec<&String> = schema.columns.iter().map(|column| &column.name).collect();
    if header.iter().collect::<Vec<_>>() != declared {
        return Err(bad(format!("its columns are {header:?}, {SCHEMA} says {declared:?}")));
    }
    let rows: Vec<csv::StringRecord> =
        reader.records().collect::<Result<_, _>>().map_err(|error| bad(error.to_string()))?;
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (index, ColumnSchema { name: column, r#type: type_name }) in schema.columns.iter().enumerate() {
        let data_type =
            data_type(type_name).ok_or_else(|| bad(format!("{column} has the type {type_name:?}")))?;
        let cells = rows.iter().map(|row| row.get(index).unwrap_or_default().trim());
        let array = array(cells, &data_type).map_err(|(row, value)| SessionError::ReferenceCell {
            table: name.to_owned(),
            row: row + 1,
            column: column.clone(),
            value,
            expected: type_name.clone(),
        })?;
        fields.push(Field::new(column, data_type, true));
        columns.push(array);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(datafusion::error::DataFusionError::from)?)
}

fn data_type(name: &str) -> Option<DataType> {
    Some(match name {
        "int" => DataType::Int32,
        "long" => DataType::Int64,
        "text" => DataType::Utf8,
        "date" => DataType::Date32,
        "boolean" => DataType::Boolean,
        "number" => DataType::Float64,
        decimal => {
            let (precision, scale) = decimal.strip_prefix("decimal(")?.strip_suffix(')')?.split_once(',')?;
            DataType::Decimal128(precision.trim().parse().ok()?, scale.trim().parse().ok()?)
        }
    })
}

/// One column; an empty cell is NULL. The error is the row (from 0) and the cell that does not fit.
fn array<'a>(
    cells: impl Iterator<Item = &'a str>,
    data_type: &DataType,
) -> Result<ArrayRef, (usize, String)> {
    macro_rules! build {
        ($builder:expr, $parse:expr) => {{
            let mut builder = $builder;
            for (row, cell) in cells.enumerate() {
                if cell.is_empty() {
                    builder.append_null();
                } else {
                    builder.append_value($parse(cell).ok_or_else(|| (row, cell.to_owned()))?);
                }
            }
            Arc::new(builder.finish()) as ArrayRef
        }};
    }
    Ok(match data_type {
        DataType::Int32 => build!(Int32Builder::new(), |cell: &str| cell.parse::<i32>().ok()),
        DataType::Int64 => build!(Int64Builder::new(), |cell: &str| cell.parse::<i64>().ok()),
        DataType::Float64 => build!(Float64Builder::new(), |cell: &str| cell.parse::<f64>().ok()),
        DataType::Boolean => build!(BooleanBuilder::new(), |cell: &str| match cell {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }),
        DataType::Date32 => build!(Date32Builder::new(), |cell: &str| cell
            .parse::<NaiveDate>()
            .ok()
            .map(Date32Type::from_naive_date)),
        DataType::Decimal128(precision, scale) => {
            let builder = Decimal128Builder::new()
                .with_precision_and_scale(*precision, *scale)
                .map_err(|error| (0, error.to_string()))?;
            build!(builder, |cell: &str| decimal(cell, *scale))
        }
        _ => build!(StringBuilder::new(), |cell: &'a str| Some(cell)),
    })
}

/// `12.5` at scale 2 is 1250; more decimals than the scale are refused.
fn decimal(cell: &str, scale: i8) -> Option<i128> {
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, ""));
    let scale = usize::try_from(scale).ok()?;
    if fraction.len() > scale || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{whole}{fraction}{}", "0".repeat(scale - fraction.len())).parse().ok()
}
