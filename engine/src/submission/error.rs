//! Errors of a submission, apart from what is wrong with its rows: that is findings.

use crate::definitions::DefinitionError;
use crate::intake::IntakeError;
use crate::lake::LakeError;
use crate::query::QueryError;
use crate::session::SessionError;

/// A submission that could not be taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmissionError {
    /// The form is not for who submits.
    #[error("not allowed: {0}")]
    NotAllowed(String),
    /// The information system is not in the register.
    #[error("there is no source system {system}: {known}")]
    UnknownSystem {
        /// As given.
        system: String,
        /// Those that there are.
        known: String,
    },
    /// Files that came during a suspension wait to land first.
    #[error("{count} files wait from a suspension of updates; they land first, with the next `bilim submit`")]
    FilesWait {
        /// How many.
        count: usize,
    },
    /// The key of an earlier submission comes again with other rows.
    #[error("the key {key} was used for submission {submission}, whose rows were others")]
    KeyUsed {
        /// The key.
        key: String,
        /// Number of the earlier submission.
        submission: i64,
    },
    /// A worker ended without a result.
    #[error("a worker of the program ended without a result: {0}")]
    Panicked(String),
    /// It could not be read.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// Storage.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Definitions.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// A lookup in the lake.
    #[error(transparent)]
    Query(#[from] QueryError),
}
