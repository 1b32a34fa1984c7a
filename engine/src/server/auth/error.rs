//! Errors of keeping accounts. None of them holds a password, a key or a token.

use crate::lake::LakeError;
use crate::session::policy::CallerError;

/// An account that could not be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The area cannot be read or written.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The state is of another program, or damaged.
    #[error("the accounts (auth/{number}.json) cannot be understood")]
    State {
        /// Number of the state.
        number: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The state cannot be written out.
    #[error("the accounts cannot be written out")]
    Write(#[source] serde_json::Error),
    /// Others changed the accounts again and again.
    #[error("the accounts were changed by others {attempts} times in a row; try again")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// A user of this name is there.
    #[error("there is a user {name} already")]
    Exists {
        /// Name.
        name: String,
    },
    /// No such user.
    #[error("there is no user {name}")]
    NoSuchUser {
        /// Name.
        name: String,
    },
    /// The name cannot be one.
    #[error("a name has 1 to {limit} letters, digits and the signs . _ @ - and none else")]
    Name {
        /// Longest name.
        limit: usize,
    },
    /// The password is too short or too long.
    #[error("a password has at least {shortest} and at most {longest} bytes")]
    Password {
        /// Fewest bytes.
        shortest: usize,
        /// Most bytes.
        longest: usize,
    },
    /// Role and unit do not fit each other.
    #[error(transparent)]
    Caller(#[from] CallerError),
    /// More than the area keeps.
    #[error("there are {limit} {what} already")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// Limit.
        limit: usize,
    },
    /// The token of the first administrator is wrong, used or too old.
    #[error("the token is not valid: it is shown once, at the first start of the server, and good for a day")]
    FirstToken,
    /// The system gave no random bytes, or a hash could not be computed.
    #[error("cannot compute {what}")]
    Crypto {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A worker ended without a result.
    #[error("a worker of the server ended without a result")]
    Worker(#[source] tokio::task::JoinError),
    /// Public keys of another system cannot be had.
    #[error("the keys of the identity provider cannot be read from {from}")]
    Keys {
        /// File or URL.
        from: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The configuration of an identity provider is unusable.
    #[error("the identity provider cannot be used: {message}")]
    Provider {
        /// Why.
        message: String,
    },
}
