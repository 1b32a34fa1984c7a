//! Errors of opening a session.

use datafusion::error::DataFusionError;

use crate::definitions::DefinitionError;
use crate::lake::LakeError;

/// A session that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// A definition file is unusable.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// A reference table does not have the shape that `schema.toml` says.
    #[error("reference table {table}, row {row}, column {column}: {value:?} is no {expected}")]
    ReferenceCell {
        /// File stem.
        table: String,
        /// Data row, from 1.
        row: usize,
        /// Column.
        column: String,
        /// Cell.
        value: String,
        /// Type due.
        expected: String,
    },
    /// A reference table and `schema.toml` disagree.
    #[error("reference table {table}: {message}")]
    Reference {
        /// File stem.
        table: String,
        /// What is wrong.
        message: String,
    },
    /// A table of the lake cannot be read.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The engine refused an option or a table.
    #[error("cannot open the session")]
    Engine(#[from] DataFusionError),
}
