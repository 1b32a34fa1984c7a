//! Accounts: who may sign in, with what, and as whom.
//!
//! Users, hashes of passwords and API keys, the keys of tokens and of masks are one state in the lake's `auth/` area
//! (`lake::AccountArea`), outside lake versions, freezes and archives. Role and unit always come from that state, also
//! for tokens of other systems: a token says who somebody is, the state says what they may see. There is no default
//! user and no default password: the first administrator proves itself by a token that is shown once.

mod accounts;
mod attempts;
mod error;
mod jws;
mod oidc;
mod password;
mod secret;
mod sign_in;
mod state;
mod token;

#[cfg(test)]
mod tests;

pub use accounts::{Accounts, AccountsOptions, Clock, NewUser, UserInfo};
pub use error::AuthError;
pub use oidc::{KeySource, OidcOptions};
pub use token::TOKEN_LIFETIME;
