//! What a caller is told of what goes wrong below a secured table: the name of the table.

use std::fmt;

use datafusion::common::DataFusionError;

use super::caller::Role;

/// A failure below a secured table. Its text is the same whatever the rows are; the cause is for the log of whoever
/// keeps the lake and is no `source` of the error, so that printing a chain cannot show it.
pub struct SealedError {
    table: String,
    cause: DataFusionError,
}

impl SealedError {
    /// What happened, for a log that callers do not read.
    #[must_use]
    pub const fn cause(&self) -> &DataFusionError {
        &self.cause
    }
}

impl fmt::Display for SealedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be read", self.table)
    }
}

impl fmt::Debug for SealedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedError").field("table", &self.table).finish_non_exhaustive()
    }
}

impl std::error::Error for SealedError {}

/// An object that a role does not see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table} is not for the role {role}")]
pub struct NotAllowed {
    /// The object.
    pub table: String,
    /// The role.
    pub role: Role,
}

/// The error without what it says; refusals and want of memory keep their kind.
pub(in crate::session) fn sealed(table: &str, error: DataFusionError) -> DataFusionError {
    let is_known = |error: &DataFusionError| matches!(error, DataFusionError::External(inner) if inner.is::<SealedError>() || inner.is::<NotAllowed>());
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => {
            DataFusionError::ResourcesExhausted(format!("{table} needs more memory than a statement may use"))
        }
        root if is_known(root) => error,
        _ => DataFusionError::External(Box::new(SealedError { table: table.to_owned(), cause: error })),
    }
}
