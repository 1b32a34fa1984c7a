//! What the accounts are at a time: one file.

use std::fmt;

use bilim_domain::pseudonym::PseudonymKey;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::error::AuthError;
use super::secret::{Secret, fingerprint, same};
use crate::session::policy::{Caller, CallerError, Role};

/// Longest name of a user, in bytes.
const MAX_NAME: usize = 100;
/// Most users of a lake: the state is read as a whole.
const MAX_USERS: usize = 100_000;
/// Most keys of a user.
const MAX_KEYS: usize = 20;
/// How long the token of the first administrator is good.
const FIRST_LIFETIME: TimeDelta = TimeDelta::days(1);
/// How long tokens are signed with one key.
const SIGNING_LIFETIME: TimeDelta = TimeDelta::days(30);

/// The state.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Of this format.
    format: u32,
    pub(super) users: Vec<User>,
    /// Keys that tokens are signed with, the newest last.
    pub(super) signing: Vec<SigningKey>,
    /// What masks of researchers are made with.
    mask: Secret,
    /// The one-time token of the first administrator.
    first: Option<FirstToken>,
}

/// Somebody who may sign in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) name: String,
    role: String,
    scope: Option<String>,
    /// PHC string; none = only by key or by another system.
    pub(super) password: Option<String>,
    pub(super) keys: Vec<ApiKey>,
    pub(super) is_disabled: bool,
    /// Counts what ends earlier tokens: another password, role or unit, being disabled.
    pub(super) epoch: u64,
    pub(super) created_at: DateTime<Utc>,
    pub(super) changed_at: DateTime<Utc>,
}

/// A key of a program.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKey {
    pub(super) id: String,
    sha256: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// A key that tokens are signed with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SigningKey {
    pub(super) id: String,
    pub(super) secret: Secret,
    created_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstToken {
    sha256: String,
    expires_at: DateTime<Utc>,
}

// Hashes are no secrets, but nobody needs them in a log either.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}

impl fmt::Debug for FirstToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirstToken(redacted)")
    }
}

impl User {
    /// Who it is to the warehouse.
    pub(super) fn caller(&self, mask: &PseudonymKey) -> Result<Caller, CallerError> {
        let caller = Caller::new(&self.name, self.role.parse()?, self.scope.as_deref())?;
        Ok(if caller.role() == Role::Researcher { caller.with_mask(mask.clone()) } else { caller })
    }

    pub(super) fn role(&self) -> &str {
        &self.role
    }

    pub(super) fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Whether the secret is that of a key which holds at this time.
    pub(super) fn has_key(&self, id: &str, secret: &str, now: DateTime<Utc>) -> bool {
        let found = fingerprint(secret);
        let is_it = |key: &&ApiKey| key.id == id && now < key.expires_at;
        self.keys.iter().find(is_it).is_some_and(|key| same(key.sha256.as_bytes(), found.as_bytes()))
    }
}

impl State {
    /// No user, and new keys.
    pub(super) fn empty(now: DateTime<Utc>) -> Result<Self, AuthError> {
        let mut state =
            Self { format: 1, users: Vec::new(), signing: Vec::new(), mask: Secret::random()?, first: None };
        state.rotate(now)?;
        Ok(state)
    }

    pub(super) fn from_bytes(number: u64, bytes: &[u8]) -> Result<Self, AuthError> {
        let damaged = |source| AuthError::State { number, source };
        let state: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        if state.format != 1 || state.signing.is_empty() {
            let text = "another format, or no key that tokens are signed with";
            return Err(damaged(serde::de::Error::custom(text)));
        }
        Ok(state)
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, AuthError> {
        serde_json::to_vec_pretty(self).map_err(AuthError::Write)
    }

    /// The key of masks.
    pub(super) fn mask(&self) -> Result<PseudonymKey, AuthError> {
        let failed =
            |source: bilim_domain::DomainError| AuthError::Crypto { what: "masks", source: source.into() };
        PseudonymKey::new(self.mask.bytes()).map_err(failed)
    }

    pub(super) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    fn user_mut(&mut self, name: &str) -> Result<&mut User, AuthError> {
        let found = self.users.iter_mut().find(|user| user.name == name);
        found.ok_or_else(|| AuthError::NoSuchUser { name: name.to_owned() })
    }

    /// A user more.
    pub(super) fn add(
        &mut self,
        name: &str,
        role: Role,
        scope: Option<&str>,
        password: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<(), AuthError> {
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
        if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(is_sign) {
            return Err(AuthError::Name { limit: MAX_NAME });
        }
        if self.user(name).is_some() {
            return Err(AuthError::Exists { name: name.to_owned() });
        }
        if self.users.len() >= MAX_USERS {
            return Err(AuthError::TooMany { what: "users", limit: MAX_USERS });
        }
        Caller::new(name, role, scope)?;
        self.users.push(User {
            name: name.to_owned(),
            role: role.as_str().to_owned(),
            scope: scope.map(str::to_owned),
            password,
            keys: Vec::new(),
            is_disabled: false,
            epoch: 0,
            created_at: now,
            changed_at: now,
        });
        Ok(())
    }

    /// Another role and unit; somebody disabled may sign in again.
    pub(super) fn grant(
        &mut self,
        name: &str,
        role: Role,
        scope: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), AuthError> {
        Caller::new(name, role, scope)?;
        let user = self.user_mut(name)?;
        role.as_str().clone_into(&mut user.role);
        user.scope = scope.map(str::to_owned);
        user.is_disabled = false;
        user.end_tokens(now);
        Ok(())
    }

    pub(super) fn set_password(
        &mut self,
        name: &str,
        password: String,
        now: DateTime<Utc>,
    ) -> Result<(), AuthError> {
        let user = self.user_mut(name)?;
        user.password = Some(password);
        user.end_tokens(now);
        Ok(())
    }

    /// No way in any more: neither password, key nor token.
    pub(super) fn disable(&mut self, name: &str, now: DateTime<Utc>) -> Result<(), AuthError> {
        let user = self.user_mut(name)?;
        user.is_disabled = true;
        user.keys.clear();
        user.end_tokens(now);
        Ok(())
    }

    /// A key for a program of the user's: `(id, secret)`; the secret is kept nowhere.
    pub(super) fn add_key(
        &mut self,
        name: &str,
        good_for: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<(String, Secret), AuthError> {
        let (id, secret) = (identifier()?, Secret::random()?);
        let user = self.user_mut(name)?;
        user.keys.retain(|key| now < key.expires_at);
        if user.keys.len() >= MAX_KEYS {
            return Err(AuthError::TooMany { what: "keys of this user", limit: MAX_KEYS });
        }
        let sha256 = fingerprint(&secret.text());
        let expires_at = now.checked_add_signed(good_for).unwrap_or(now);
        user.keys.push(ApiKey { id: id.clone(), sha256, created_at: now, expires_at });
        user.changed_at = now;
        Ok((id, secret))
    }

    /// Sign with a new key from now on; what the one before signed is good until it expires.
    pub(super) fn rotate(&mut self, now: DateTime<Utc>) -> Result<(), AuthError> {
        let keep = self.signing.len().saturating_sub(1);
        self.signing.drain(..keep);
        self.signing.push(SigningKey { id: identifier()?, secret: Secret::random()?, created_at: now });
        Ok(())
    }

    /// Whether the signing key has been in use for long enough.
    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.signing.last().is_none_or(|key| now - key.created_at > SIGNING_LIFETIME)
    }

    /// A token with which the first administrator can be made; `None` when somebody is there already.
    pub(super) fn begin(&mut self, now: DateTime<Utc>) -> Result<Option<Secret>, AuthError> {
        if !self.users.is_empty() {
            return Ok(None);
        }
        let secret = Secret::random()?;
        self.first =
            Some(FirstToken { sha256: fingerprint(&secret.text()), expires_at: now + FIRST_LIFETIME });
        Ok(Some(secret))
    }

    /// Make the first administrator; the token is used up.
    pub(super) fn claim(
        &mut self,
        token: &str,
        name: &str,
        password: String,
        now: DateTime<Utc>,
    ) -> Result<(), AuthError> {
        let found = fingerprint(token);
        let is_it =
            |first: &FirstToken| now < first.expires_at && same(first.sha256.as_bytes(), found.as_bytes());
        if !self.users.is_empty() || !self.first.as_ref().is_some_and(is_it) {
            return Err(AuthError::FirstToken);
        }
        self.first = None;
        self.add(name, Role::Ministry, None, Some(password), now)
    }
}

impl User {
    fn end_tokens(&mut self, now: DateTime<Utc>) {
        self.epoch += 1;
        self.changed_at = now;
    }
}

/// A name for a key: not secret, not guessed twice.
fn identifier() -> Result<String, AuthError> {
    Ok(Secret::random()?.text()[..12].to_owned())
}
