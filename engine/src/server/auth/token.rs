//! Tokens of our own: who signed in, for a quarter of an hour.
//!
//! `bilim1.<payload>.<mac>`, both hexadecimal: one version, one algorithm (HMAC-SHA-256 under a key of the state), so
//! there is no header that a client could choose one by. Role and unit are not in it: they are looked up.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::state::{SigningKey, State};
use crate::server::identity::Denied;

/// How long a token is good.
pub const TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// A token that is good for less than this is answered with a later one.
pub(super) const RENEWED_BEFORE: TimeDelta = TimeDelta::minutes(5);

const PREFIX: &str = "bilim1.";
/// Longest token looked at, in bytes.
const MAX_BYTES: usize = 2048;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    /// Key that it is signed with.
    pub(super) key: String,
    pub(super) name: String,
    /// As of which change of the user; an earlier one is worth nothing.
    pub(super) epoch: u64,
    pub(super) session: Uuid,
    /// Seconds since 1970.
    pub(super) expires: i64,
}

/// Whether a text is a token of ours at all.
pub(super) fn is_ours(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Sign with the newest key.
pub(super) fn issue(state: &State, name: &str, session: Uuid, now: DateTime<Utc>) -> Result<String, Denied> {
    let failed = |detail: &str| Denied::Failed { detail: detail.to_owned() };
    let user = state.user(name).ok_or(Denied::Unknown)?;
    let key = state.signing.last().ok_or_else(|| failed("there is no key that tokens are signed with"))?;
    let claims = Claims {
        key: key.id.clone(),
        name: name.to_owned(),
        epoch: user.epoch,
        session,
        expires: (now + TOKEN_LIFETIME).timestamp(),
    };
    let payload = serde_json::to_vec(&claims).map_err(|error| failed(&error.to_string()))?;
    let payload = hex::encode(payload);
    let mac = mac(key, &payload).finalize().into_bytes();
    Ok(format!("{PREFIX}{payload}.{}", hex::encode(mac)))
}

/// What a token says, once its signature has been found good and its time not over.
pub(super) fn verify(state: &State, text: &str, now: DateTime<Utc>) -> Result<Claims, Denied> {
    let claims = signed(state, text).ok_or(Denied::Unknown)?;
    if now.timestamp() >= claims.expires {
        return Err(Denied::Expired);
    }
    Ok(claims)
}

fn signed(state: &State, text: &str) -> Option<Claims> {
    let (payload, mac_text) =
        text.strip_prefix(PREFIX).filter(|_| text.len() <= MAX_BYTES)?.split_once('.')?;
    let tag = hex::decode(mac_text).ok()?;
    // Every key is tried, and nothing of the payload is read before one fits.
    let key = state.signing.iter().find(|key| mac(key, payload).verify_slice(&tag).is_ok())?;
    let claims: Claims = serde_json::from_slice(&hex::decode(payload).ok()?).ok()?;
    (claims.key == key.id).then_some(claims)
}

fn mac(key: &SigningKey, payload: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key.secret.bytes()).expect("HMAC takes keys of any length");
    mac.chain_update(PREFIX.as_bytes()).chain_update(payload.as_bytes())
}
