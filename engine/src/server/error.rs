//! Errors of the server: those that keep it from starting, and what a caller is told.

use std::net::SocketAddr;
use std::path::PathBuf;

use openssl::error::ErrorStack;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::lake::LakeError;
use crate::query::QueryError;
use crate::session::SessionError;

/// The server cannot start, or cannot do what it needs itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Passwords and data would travel readable by others.
    #[error(
        "{address} is reached from other machines, and there is no certificate: give --tls-cert and --tls-key, \
         or --plaintext where something in front of the server encrypts"
    )]
    Plaintext {
        /// Address asked for.
        address: SocketAddr,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Bind {
        /// Address asked for.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A certificate, key or list cannot be used.
    #[error("cannot use {path}")]
    File {
        /// File.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The certificate and key do not make a TLS server.
    #[error("cannot serve TLS with this certificate and key")]
    Tls(#[source] tonic::transport::Error),
    /// The listener failed.
    #[error("the server stopped")]
    Transport(#[source] tonic::transport::Error),
    /// The threads of queries cannot be started.
    #[error("cannot start the threads of queries")]
    Threads(#[source] std::io::Error),
    /// A signal cannot be waited for.
    #[error("cannot wait for the signal to stop")]
    Signal(#[source] std::io::Error),
    /// The system has no random numbers.
    #[error("cannot make or use a key")]
    Random(#[source] ErrorStack),
    /// The audit log cannot be read or written: nothing is answered without it, and a lake that was never served has none.
    #[error("cannot use the audit log {path}")]
    Audit {
        /// File.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The start of the server cannot be written to the audit log.
    #[error(transparent)]
    Unwritten(std::sync::Arc<Self>),
    /// The audit log is not what was written.
    #[error("the audit log {path} was changed at line {line}: {what}")]
    AuditChanged {
        /// File.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What does not hold.
        what: &'static str,
    },
    /// Where the audit log is to be kept is not known.
    #[error("a lake in an object store needs --audit DIR for the audit log")]
    NoAuditFolder,
    /// The lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A session over the lake.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// What kept a statement from its end, other than its own errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The client went away.
    Left,
    /// The client asked for it.
    Cancelled,
    /// It took too long.
    Timeout,
    /// The server is short of memory.
    Memory,
    /// The server is being stopped.
    Drain,
}

impl Stop {
    /// As the audit log has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Cancelled => "cancelled",
            Self::Timeout => "timeout",
            Self::Memory => "memory",
            Self::Drain => "stopped",
        }
    }

    /// What the client is told.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Left | Self::Cancelled => Status::cancelled("the statement was cancelled"),
            Self::Timeout => Status::deadline_exceeded("the statement took longer than it may"),
            Self::Memory => {
                Status::resource_exhausted("the server is short of memory; ask for less, or again later")
            }
            Self::Drain => Status::unavailable("the server is being stopped; ask again"),
        }
    }
}

/// A refusal with the number under which the server's own log says why. Never repeats a value.
#[must_use]
pub fn incident(code: Code, what: &str, detail: &str) -> Status {
    let number = Uuid::now_v7().simple().to_string();
    tracing::error!(incident = %number, code = ?code, detail, "{what}");
    Status::new(code, format!("{what}; incident {number}"))
}

/// Most bytes of what a caller is told: a message is a header, which clients take up to 8 KiB of, and some of its
/// bytes are sent as three.
const MOST_TOLD: usize = 2_000;

/// A message that clients can read whole.
fn shortened(mut text: String) -> String {
    if text.len() > MOST_TOLD {
        text.truncate(text.floor_char_boundary(MOST_TOLD));
        text.push_str(" ...");
    }
    text
}

/// A statement's error as its caller is told.
///
/// What a caller typed is repeated to it; what the data hold is not, because a failing cast or division would
/// spell out a value that its rows may not show.
#[must_use]
pub fn of_query(error: &QueryError) -> Status {
    let text = shortened(error.to_string());
    match error {
        QueryError::Refused { .. } | QueryError::NotAllowed(_) => Status::permission_denied(text),
        QueryError::UnknownTable { .. } => Status::not_found(text),
        QueryError::Incident(told) => {
            let code = match told.code() {
                "53200" => Code::ResourceExhausted,
                code if code.starts_with("22") => Code::InvalidArgument,
                _ => Code::Internal,
            };
            tracing::error!(incident = %told.id(), code = ?code, detail = %told.cause(), "a statement failed");
            Status::new(code, text)
        }
        QueryError::Execution(detail) => incident(Code::Internal, "the statement failed", detail),
        // Planning opens files of archives, whose errors name them.
        QueryError::Planning(detail) if detail.contains('/') => {
            incident(Code::InvalidArgument, "the statement cannot be planned", detail)
        }
        QueryError::Write(_) | QueryError::Format { .. } => {
            incident(Code::Internal, "the answer could not be written", &text)
        }
        _ => Status::invalid_argument(text),
    }
}
