//! What the server needs from whoever knows its users.

use std::net::IpAddr;

use async_trait::async_trait;
use uuid::Uuid;

use crate::session::policy::Caller;

/// Somebody known, and the session that it asks in.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who asks.
    pub caller: Caller,
    /// The session that its token is for; `None` = the proof is not one of a session (a password, an API key).
    pub session: Option<Uuid>,
    /// A later token for the same session, where the one presented is about to expire.
    pub renewed: Option<String>,
}

/// Somebody not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The proof is not good. Which part of it is wrong is not said.
    #[error("name and password, or the token, are not valid")]
    Unknown,
    /// The token was good once.
    #[error("the token has expired; sign in again")]
    Expired,
    /// Too many attempts.
    #[error("too many attempts; try again later")]
    TooMany,
    /// The accounts cannot be read.
    #[error("who you are cannot be checked now")]
    Failed {
        /// Why, for the server's own log.
        detail: String,
    },
}

/// Whoever knows the users.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// A name with its password.
    ///
    /// # Errors
    /// [`Denied`].
    async fn password(&self, name: &str, password: &str, peer: Option<IpAddr>) -> Result<Caller, Denied>;

    /// A bearer token: one of [`Authenticator::token`], an API key, or one of another system's.
    ///
    /// # Errors
    /// [`Denied`].
    async fn bearer(&self, token: &str, peer: Option<IpAddr>) -> Result<Identity, Denied>;

    /// A short-lived token for a session.
    ///
    /// # Errors
    /// [`Denied::Failed`].
    fn token(&self, caller: &Caller, session: Uuid) -> Result<String, Denied>;
}
