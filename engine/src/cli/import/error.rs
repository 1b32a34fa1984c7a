//! Errors of an import.

use std::path::PathBuf;

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use parquet::errors::ParquetError;

use crate::query::QueryError;

/// A source that cannot be imported. Rows that do not fit a form are findings instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// An input file is absent or unreadable.
    #[error("cannot read {}, which the source {name} needs", path.display())]
    File {
        /// Name of the source.
        name: String,
        /// Input file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// An input file is not what the mapping says it is, or exceeds a limit.
    #[error("table {table} of the source {name}, {}: {message}", path.display())]
    Table {
        /// Name of the source.
        name: String,
        /// Name of the table.
        table: String,
        /// Input file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The engine cannot take an input table.
    #[error("cannot register the table {table} of the source {name}")]
    Register {
        /// Name of the source.
        name: String,
        /// Name of the table.
        table: String,
        /// Why.
        #[source]
        source: DataFusionError,
    },
    /// A query of the mapping cannot be planned.
    #[error("{file} of the source {name} cannot be used")]
    Mapping {
        /// Name of the source.
        name: String,
        /// File of the query.
        file: String,
        /// Why.
        #[source]
        source: Box<QueryError>,
    },
    /// A query of the mapping fails on these files.
    #[error("{file} of the source {name} failed")]
    Run {
        /// Name of the source.
        name: String,
        /// File of the query.
        file: String,
        /// Why.
        #[source]
        source: DataFusionError,
    },
    /// A query of the mapping yields other columns than are due.
    #[error("{file} of the source {name}: {message}")]
    Columns {
        /// Name of the source.
        name: String,
        /// File of the query.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A value does not fit the type in which rows are handed to intake.
    #[error("{file} of the source {name}: a value does not fit")]
    Value {
        /// Name of the source.
        name: String,
        /// File of the query.
        file: String,
        /// Why.
        #[source]
        source: ArrowError,
    },
    /// The temporary file of rows cannot be made.
    #[error("cannot make a temporary file in {}", path.display())]
    Temporary {
        /// Its folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The temporary file of rows cannot be written.
    #[error("cannot write rows of the form {form} to a temporary file")]
    WriteRows {
        /// Form.
        form: String,
        /// Why.
        #[source]
        source: ParquetError,
    },
}

impl ImportError {
    /// 3 for files, 70 for what is wrong with the mapping or the program.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::File { .. }
            | Self::Table { .. }
            | Self::Temporary { .. }
            | Self::WriteRows { .. }
            | Self::Run { .. } => 3,
            _ => 70,
        }
    }
}
