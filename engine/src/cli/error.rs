//! Errors of commands and the exit code of each.

use std::path::PathBuf;

use super::import::ImportError;
use crate::definitions::DefinitionError;
use crate::intake::IntakeError;
use crate::intake::signature::TrustError;
use crate::lake::LakeError;
use crate::lake::archive::FreezeError;
use crate::query::QueryError;
use crate::server::ServerError;
use crate::server::auth::AuthError;
use crate::session::SessionError;
use crate::submission::SubmissionError;

/// A command that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// The arguments contradict each other or name nothing.
    #[error("{0}")]
    Usage(String),
    /// No lake was named and none is in the working folder.
    #[error("no lake: give --lake URL, set BILIM_LAKE, or write lake = \"...\" into bilim.toml")]
    NoLake,
    /// The configuration cannot be read.
    #[error("cannot use {path}")]
    Config {
        /// File.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file of the caller's cannot be read or written.
    #[error("cannot use {path}")]
    File {
        /// File.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Stdout or stderr cannot be written.
    #[error("cannot write the answer")]
    Write(#[from] std::io::Error),
    /// The subject may not do this.
    #[error("not allowed: {0}")]
    NotAllowed(String),
    /// A worker ended without a result.
    #[error("a worker of the program ended without a result: {0}")]
    Panicked(String),
    /// Signatures cannot be verified.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// A submission could not be read.
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
    /// Statement.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Server.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Accounts.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// Import of a source.
    #[error(transparent)]
    Import(#[from] ImportError),
}

impl From<SubmissionError> for CliError {
    fn from(error: SubmissionError) -> Self {
        match error {
            SubmissionError::NotAllowed(what) => Self::NotAllowed(what),
            SubmissionError::Panicked(what) => Self::Panicked(what),
            SubmissionError::Intake(error) => error.into(),
            SubmissionError::Lake(error) => error.into(),
            SubmissionError::Session(error) => error.into(),
            SubmissionError::Definition(error) => error.into(),
            SubmissionError::Query(error) => error.into(),
            other => Self::Usage(other.to_string()),
        }
    }
}

impl CliError {
    /// Exit code: 2 usage or bad SQL, 3 storage, 4 not allowed, 70 our bug.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Lake(LakeError::Freeze(FreezeError::LevelsMissing { .. })) => 1,
            Self::Lake(LakeError::Freeze(error)) if error.is_refusal() => 4,
            Self::Query(QueryError::Write(_))
            | Self::File { .. }
            | Self::Write(_)
            | Self::Lake(_)
            | Self::Session(SessionError::Lake(_))
            | Self::Auth(AuthError::Lake(_) | AuthError::State { .. } | AuthError::Contended { .. })
            | Self::Server(
                ServerError::Lake(_)
                | ServerError::Audit { .. }
                | ServerError::AuditChanged { .. }
                | ServerError::Unwritten(_),
            )
            | Self::Intake(IntakeError::Open { .. } | IntakeError::Read { .. } | IntakeError::Write { .. }) => {
                3
            }
            Self::NotAllowed(_)
            | Self::Query(QueryError::NotAllowed(_))
            | Self::Auth(AuthError::FirstToken)
            | Self::Server(ServerError::Plaintext { .. }) => 4,
            Self::Session(_)
            | Self::Definition(_)
            | Self::Panicked(_)
            | Self::Intake(_)
            | Self::Auth(AuthError::Crypto { .. } | AuthError::Worker(_) | AuthError::Write(_)) => 70,
            Self::Usage(_)
            | Self::NoLake
            | Self::Config { .. }
            | Self::Trust(_)
            | Self::Query(_)
            | Self::Auth(_)
            | Self::Server(
                ServerError::Bind { .. }
                | ServerError::File { .. }
                | ServerError::Tls(_)
                | ServerError::NoAuditFolder,
            ) => 2,
            Self::Import(error) => error.exit_code(),
            Self::Server(_) => 70,
        }
    }

    /// The reader of our output went away; nothing is wrong.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        let (Self::Write(error) | Self::Query(QueryError::Write(error))) = self else { return false };
        error.kind() == std::io::ErrorKind::BrokenPipe
    }

    /// The message and its causes, on one line each.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str("\n  because: ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
