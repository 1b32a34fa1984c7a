//! What can go wrong in a lake, with the object it happened to and what to do about it.

use std::path::{Path, PathBuf};

use super::archive::FreezeError;
use super::store::is_refusal;
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::errors::ParquetError;
use deltalake::DeltaTableError;

/// Result of this module.
pub type Result<T, E = LakeError> = std::result::Result<T, E>;

/// A failure of the storage layer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// The operating system refused.
    #[error("cannot {action} {}{remedy}", path.display())]
    Io {
        /// What was being done: `write`, `read`, `sync`, ...
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What to do; starts with `: ` or is empty.
        remedy: &'static str,
        /// Cause.
        #[source]
        source: std::io::Error,
    },
    /// The location names a store that this build does not open.
    #[error(
        "lake location {location} is not supported: give a folder, or a URL of file:, s3://, az:// or gs://"
    )]
    Scheme {
        /// As given.
        location: String,
    },
    /// The object store of a location cannot be used as it is set up.
    #[error(
        "cannot set up the object store of {location}: check the address and the variables AWS_*, AZURE_* or GOOGLE_*"
    )]
    Store {
        /// As given.
        location: String,
        /// Cause.
        #[source]
        source: object_store::Error,
    },
    /// The object store replaces an object that was to be created only where none is.
    #[error(
        "the object store of {} replaces objects that must be created only once: use one that knows conditional \
         writes (If-None-Match)", path.display()
    )]
    StoreUnfit {
        /// The lake.
        path: PathBuf,
    },
    /// Another writer has followed this one.
    #[error(
        "another writer has taken over the lake since this one, of lease {epoch}, was last heard of: nothing was \
         landed, submit again"
    )]
    LeaseLost {
        /// Our epoch.
        epoch: u64,
    },
    /// The object store does not say whether it has stored a decision.
    #[error("the object store does not answer whether it holds {}, which makes lake version {version}", path.display())]
    NoAnswer {
        /// The lake version.
        version: u64,
        /// Its decision.
        path: PathBuf,
    },
    /// What is asked for needs a folder.
    #[error("{what} is not possible in the object store {}: {remedy}", path.display())]
    NeedsFolder {
        /// What was asked for.
        what: &'static str,
        /// The lake.
        path: PathBuf,
        /// What to do instead.
        remedy: &'static str,
    },
    /// Nothing at the location says that it is a lake.
    #[error("{} is no lake: create one with `bilim init --lake {}`", path.display(), path.display())]
    NotALake {
        /// The folder.
        path: PathBuf,
    },
    /// `init` on something that is already there.
    #[error("{} already holds a lake or its remains: choose another folder", path.display())]
    AlreadyThere {
        /// The folder.
        path: PathBuf,
    },
    /// Another process writes.
    #[error("lake {} is being written by {holder}: wait until it has finished, or stop it", path.display())]
    Locked {
        /// The lake.
        path: PathBuf,
        /// Process and time, as that writer noted them.
        holder: String,
    },
    /// The text names no lake version.
    #[error(
        "{text:?} is neither a lake version (12), nor a day or time (2024-10-01, 2024-10-01T12:00:00Z), nor a fixing \
         (freeze:2024)"
    )]
    AsOf {
        /// As given.
        text: String,
    },
    /// No such lake version.
    #[error("the lake has no version {version}: versions 0 to {latest} exist")]
    NoSuchVersion {
        /// As asked.
        version: u64,
        /// The newest.
        latest: u64,
    },
    /// The lake did not exist at the time asked for.
    #[error("the lake has no version as early as {time}: the first was made at {first}")]
    BeforeFirst {
        /// As asked.
        time: String,
        /// Time of version 0.
        first: String,
    },
    /// A file of the lake does not hold what it must.
    #[error("{} is damaged: {problem}; run `bilim verify lake` and restore the file from a copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A table holds a commit that no lake version and no pending landing explains.
    #[error(
        "table {table} has the commit {found} where the lake expects {expected}: another program wrote to {}; \
         restore the table from a copy, or remove the foreign commit", path.display()
    )]
    ForeignCommit {
        /// The table.
        table: String,
        /// Delta version the lake expects as newest; `none` when the table should not exist.
        expected: String,
        /// Newest Delta version found.
        found: String,
        /// Folder of the log.
        path: PathBuf,
    },
    /// A table is set up in a way that our reader must not accept.
    #[error(
        "table {table} has {property} = {found}, which this lake never sets: restore the table from a copy"
    )]
    Property {
        /// The table.
        table: String,
        /// Delta property or feature.
        property: String,
        /// Its value.
        found: String,
    },
    /// deltalake could not read a table.
    #[error("cannot read table {table} at Delta version {version}")]
    Delta {
        /// The table.
        table: String,
        /// Delta version.
        version: u64,
        /// Cause.
        #[source]
        source: Box<DeltaTableError>,
    },
    /// A Parquet file could not be read or written.
    #[error("cannot {action} Parquet file {}", path.display())]
    Parquet {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Cause.
        #[source]
        source: Box<ParquetError>,
    },
    /// Arrow could not compute something over rows of a table.
    #[error("cannot process rows of table {table}")]
    Arrow {
        /// The table.
        table: String,
        /// Cause.
        #[source]
        source: Box<ArrowError>,
    },
    /// A column of the table has another type than the form gives it.
    #[error(
        "column {column} of table {table} is stored as {stored}, the form says {wanted}: give the field a new name"
    )]
    TypeChanged {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Delta type in the table.
        stored: String,
        /// Delta type of the form.
        wanted: String,
    },
    /// Rows given to staging do not have the form's columns.
    #[error("rows for table {table} lack column {column} or have it as another type than {wanted}")]
    RowSchema {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The type expected.
        wanted: String,
    },
    /// A year or region of a row is NULL.
    #[error("row {row} for table {table} has no {column}")]
    NullPartition {
        /// The table.
        table: String,
        /// The partition column.
        column: String,
        /// Row within its batch, from 0.
        row: usize,
    },
    /// The caller's stream of rows failed.
    #[error("the rows for table {table} could not be read to the end")]
    Rows {
        /// The table.
        table: String,
        /// Cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The landing could neither be confirmed nor ruled out.
    #[error(
        "lake version {version} is recorded but not yet published: submit the same files again to confirm"
    )]
    Unconfirmed {
        /// The lake version.
        version: u64,
        /// Cause.
        #[source]
        source: Box<LakeError>,
    },
    /// An accepted submission was handed over without its files.
    #[error("submission {file_name} of {form} is accepted but nothing was staged for it")]
    NothingStaged {
        /// Form code.
        form: String,
        /// File as submitted.
        file_name: String,
    },
    /// A signature confirms a submission for which it was not made.
    #[error("the signature of {file_name} was used for submission {submission}")]
    SignatureUsed {
        /// File as submitted.
        file_name: String,
        /// Ledger number.
        submission: i64,
    },
    /// A background task of ours ended by panic.
    #[error("a task of the lake broke off while it was to {action}: this is a bug, please report it")]
    Task {
        /// What it was doing.
        action: &'static str,
        /// Cause.
        #[source]
        source: tokio::task::JoinError,
    },
    /// A fixing stands against it, or failed.
    #[error(transparent)]
    Freeze(#[from] FreezeError),
    /// A failure planted by a test.
    #[error("stopped by the planted fault {fault}")]
    Planted {
        /// Which.
        fault: String,
    },
}

impl LakeError {
    pub(super) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.as_ref().to_path_buf(),
            remedy: remedy(source.kind()),
            source,
        }
    }

    pub(super) fn delta(table: &str, version: u64) -> impl FnOnce(DeltaTableError) -> Self {
        move |source| Self::Delta { table: table.to_owned(), version, source: Box::new(source) }
    }

    pub(super) fn parquet(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(ParquetError) -> Self {
        move |source| match source {
            // A full disk arrives wrapped; unwrap it so that the remedy is right.
            ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
                Ok(io) => Self::io(action, path)(*io),
                Err(inner) => Self::Parquet {
                    action,
                    path: path.as_ref().to_path_buf(),
                    source: Box::new(ParquetError::External(inner)),
                },
            },
            source => Self::Parquet { action, path: path.as_ref().to_path_buf(), source: Box::new(source) },
        }
    }

    pub(super) fn arrow(table: &str) -> impl FnOnce(ArrowError) -> Self {
        move |source| Self::Arrow { table: table.to_owned(), source: Box::new(source) }
    }

    pub(super) fn damaged(path: impl AsRef<Path>, problem: impl Into<String>) -> Self {
        Self::Damaged { path: path.as_ref().to_path_buf(), problem: problem.into() }
    }

    /// Whether it says that certainly nothing was stored.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Io { source, .. } => is_refusal(source),
            Self::LeaseLost { .. } => true,
            _ => false,
        }
    }

    pub(super) fn task(action: &'static str) -> impl FnOnce(tokio::task::JoinError) -> Self {
        move |source| Self::Task { action, source }
    }
}

fn remedy(kind: std::io::ErrorKind) -> &'static str {
    use std::io::ErrorKind;
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            ": free some space and submit again, nothing was changed"
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            ": give this user the right to write to the lake"
        }
        ErrorKind::NotFound => ": a file of the lake is missing, run `bilim verify lake`",
        _ => "",
    }
}
