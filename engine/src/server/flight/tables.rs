//! Catalogs, schemas and tables as the caller's session has them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_flight::error::FlightError;
use arrow_flight::sql::{
    CommandGetCatalogs, CommandGetDbSchemas, CommandGetTableTypes, CommandGetTables,
    metadata::GetTablesBuilder,
};
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};

use crate::definitions::Lang;
use crate::query::plain_schema;
use crate::server::engine::Opened;
use crate::session::{self, Descriptions};

/// What a table is to clients.
const TABLE: &str = "TABLE";
const VIEW: &str = "VIEW";

/// Before the names of what Flight SQL says of a column.
const PREFIX: &str = "ARROW:FLIGHT:SQL:";

/// Catalogs.
pub fn catalogs(opened: &Opened, command: CommandGetCatalogs) -> Result<RecordBatch, FlightError> {
    let mut builder = command.into_builder();
    for catalog in opened.ctx.catalog_names() {
        builder.append(catalog);
    }
    builder.build()
}

/// Schemas, with and without a catalog.
pub fn schemas(opened: &Opened, command: CommandGetDbSchemas) -> Result<RecordBatch, FlightError> {
    let mut builder = command.into_builder();
    for (catalog, schema) in all_schemas(opened) {
        builder.append(catalog, schema);
    }
    builder.build()
}

/// Tables and views; their columns only where they are asked for, because views are planned to learn them.
pub async fn tables(
    opened: Arc<Opened>,
    command: CommandGetTables,
    lang: Lang,
) -> Result<RecordBatch, FlightError> {
    let types = types_asked(&command.table_types);
    let builder = |with_schema| {
        GetTablesBuilder::new(
            command.catalog.clone(),
            command.db_schema_filter_pattern.clone(),
            command.table_name_filter_pattern.clone(),
            types.clone(),
            with_schema,
        )
    };
    let none = Schema::empty();
    let mut found = builder(false);
    for (catalog, schema) in all_schemas(&opened) {
        let Some(provider) = opened.ctx.catalog(&catalog).and_then(|catalog| catalog.schema(&schema)) else {
            continue;
        };
        for table in provider.table_names() {
            let is_view = session::is_view(&opened.definitions, &schema, &table);
            found.append(&catalog, &schema, &table, if is_view { VIEW } else { TABLE }, &none)?;
        }
    }
    let found = found.build()?;
    if !command.include_schema {
        return Ok(found);
    }
    let descriptions = opened.descriptions();
    let column = |index: usize| found.column(index).as_string::<i32>();
    let mut complete = builder(true);
    for row in 0..found.num_rows() {
        let (catalog, schema, table) = (column(0).value(row), column(1).value(row), column(2).value(row));
        let provider = opened.ctx.catalog(catalog).and_then(|catalog| catalog.schema(schema));
        let Some(provider) = provider else { continue };
        // A view that cannot be planned over this version is listed without columns.
        let columns = match provider.table(table).await {
            Ok(Some(provider)) => provider.schema(),
            Ok(None) => continue,
            Err(error) => {
                tracing::warn!(schema, table, error = %error, "a view cannot be planned");
                Arc::new(Schema::empty())
            }
        };
        let name = Name { catalog, schema, table };
        let columns = described(&columns, name, descriptions.as_deref(), lang);
        complete.append(catalog, schema, table, column(3).value(row), &columns)?;
    }
    complete.build()
}

/// Kinds of tables.
pub fn types(command: CommandGetTableTypes) -> Result<RecordBatch, FlightError> {
    let mut builder = command.into_builder();
    builder.append(TABLE);
    builder.append(VIEW);
    builder.build()
}

/// Clients that ask for base tables alone offer no views at all, and ours are what people query.
fn types_asked(asked: &[String]) -> Vec<String> {
    let mut types = asked.to_vec();
    if asked.iter().any(|name| name.eq_ignore_ascii_case("BASE TABLE")) {
        types.extend([TABLE.to_owned(), VIEW.to_owned()]);
    }
    types
}

fn all_schemas(opened: &Opened) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for catalog in opened.ctx.catalog_names() {
        let Some(provider) = opened.ctx.catalog(&catalog) else { continue };
        all.extend(provider.schema_names().into_iter().map(|schema| (catalog.clone(), schema)));
    }
    all.sort();
    all
}

#[derive(Clone, Copy)]
struct Name<'a> {
    catalog: &'a str,
    schema: &'a str,
    table: &'a str,
}

/// The columns in their types on the wire, with what clients show of them.
fn described(columns: &Schema, name: Name<'_>, descriptions: Option<&Descriptions>, lang: Lang) -> Schema {
    let plain = plain_schema(columns);
    let fields = plain.fields().iter().map(|field| {
        let mut about = HashMap::from([
            (format!("{PREFIX}CATALOG_NAME"), name.catalog.to_owned()),
            (format!("{PREFIX}SCHEMA_NAME"), name.schema.to_owned()),
            (format!("{PREFIX}TABLE_NAME"), name.table.to_owned()),
            (format!("{PREFIX}TYPE_NAME"), type_name(field.data_type()).to_owned()),
            (format!("{PREFIX}IS_AUTO_INCREMENT"), "0".to_owned()),
            (format!("{PREFIX}IS_CASE_SENSITIVE"), "1".to_owned()),
            (format!("{PREFIX}IS_READ_ONLY"), "1".to_owned()),
            (format!("{PREFIX}IS_SEARCHABLE"), "1".to_owned()),
        ]);
        if let DataType::Decimal128(precision, scale) = field.data_type() {
            about.insert(format!("{PREFIX}PRECISION"), precision.to_string());
            about.insert(format!("{PREFIX}SCALE"), scale.to_string());
        }
        let text = descriptions.and_then(|all| all.get(name.schema, name.table, field.name(), lang));
        if let Some(text) = text {
            about.insert(format!("{PREFIX}REMARKS"), text.to_owned());
        }
        Field::new(field.name(), field.data_type().clone(), field.is_nullable()).with_metadata(about)
    });
    Schema::new(fields.collect::<Vec<_>>())
}

/// The SQL name of a type.
fn type_name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "BOOLEAN",
        DataType::Int8 | DataType::UInt8 => "TINYINT",
        DataType::Int16 | DataType::UInt16 => "SMALLINT",
        DataType::Int32 | DataType::UInt32 => "INTEGER",
        DataType::Int64 | DataType::UInt64 => "BIGINT",
        DataType::Float16 | DataType::Float32 => "REAL",
        DataType::Float64 => "DOUBLE",
        DataType::Decimal128(..) | DataType::Decimal256(..) => "DECIMAL",
        DataType::Utf8 | DataType::LargeUtf8 => "VARCHAR",
        DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_) => "VARBINARY",
        DataType::Date32 | DataType::Date64 => "DATE",
        DataType::Time32(_) | DataType::Time64(_) => "TIME",
        DataType::Timestamp(..) => "TIMESTAMP",
        DataType::Interval(_) | DataType::Duration(_) => "INTERVAL",
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => "ARRAY",
        DataType::Struct(_) => "STRUCT",
        _ => "OTHER",
    }
}
