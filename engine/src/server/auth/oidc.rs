//! Tokens of an identity provider (OIDC): who somebody is. What they may see is granted here.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::error::AuthError;
use super::jws::{Algorithm, KeySet, Token};
use crate::error::chain;
use crate::server::identity::Denied;

/// Keys are read again after this time, and when a token names one that is not known, but not more often than
/// `AGAIN_AFTER`.
const FRESH_FOR: Duration = Duration::from_mins(10);
const AGAIN_AFTER: Duration = Duration::from_secs(10);
/// Largest set of keys, in bytes.
const MAX_KEYS_BYTES: usize = 1 << 20;
/// Longest time for reading them over the network.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Difference of clocks that is forgiven, in seconds.
const LEEWAY: i64 = 30;
/// Longest life of a token that is believed, in seconds: what lives longer cannot be taken back.
const MAX_LIFETIME: i64 = 24 * 3600;

/// Where the public keys of the provider are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file (JWKS).
    File(PathBuf),
    /// An `https:` address (JWKS); `http:` only on this machine.
    Url(String),
}

/// An identity provider.
#[derive(Debug, Clone)]
pub struct OidcOptions {
    /// `iss` of its tokens, exactly.
    pub issuer: String,
    /// `aud` that a token for this warehouse has.
    pub audience: String,
    /// Its public keys.
    pub keys: KeySource,
    /// Names of allowed algorithms: `RS256`, `PS256`, `ES256`, `EdDSA`.
    pub algorithms: Vec<String>,
    /// Claim that is the name of the user here.
    pub name_claim: String,
}

/// A provider in use.
#[derive(Debug)]
pub(super) struct Provider {
    options: OidcOptions,
    allowed: Vec<Algorithm>,
    known: Mutex<Option<(Instant, Arc<KeySet>)>>,
}

/// Claims that are checked; the name is taken by its own key.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audiences,
    exp: i64,
    nbf: Option<i64>,
    iat: i64,
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audiences {
    One(String),
    Several(Vec<String>),
}

impl Provider {
    pub(super) fn new(options: OidcOptions) -> Result<Self, AuthError> {
        let bad = |message: String| AuthError::Provider { message };
        let parse = |name: &String| {
            Algorithm::parse(name).ok_or_else(|| bad(format!("{name} is no allowed algorithm")))
        };
        let allowed = options.algorithms.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        if allowed.is_empty()
            || options.issuer.is_empty()
            || options.audience.is_empty()
            || options.name_claim.is_empty()
        {
            return Err(bad(
                "issuer, audience, algorithms and the claim of the name must be given".to_owned()
            ));
        }
        if let KeySource::Url(url) = &options.keys {
            let parsed = url::Url::parse(url).map_err(|error| bad(format!("{url}: {error}")))?;
            let is_here = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            if parsed.scheme() != "https" && !(parsed.scheme() == "http" && is_here) {
                return Err(bad(format!("{url}: keys come over https")));
            }
        }
        Ok(Self { options, allowed, known: Mutex::default() })
    }

    /// The name of whom a token is for, once everything about it has been found good.
    pub(super) async fn name_of(&self, text: &str, now: DateTime<Utc>) -> Result<String, Denied> {
        let token = Token::parse(text, &self.allowed).ok_or(Denied::Unknown)?;
        let keys = self.keys(token.key_id()).await?;
        let payload = token.verified(&keys).ok_or(Denied::Unknown)?;
        let claims: Claims = serde_json::from_slice(payload).map_err(|_| Denied::Unknown)?;
        let now = now.timestamp();
        let is_for_us = match &claims.aud {
            Audiences::One(audience) => *audience == self.options.audience,
            Audiences::Several(audiences) => audiences.contains(&self.options.audience),
        };
        let has_begun = claims.nbf.is_none_or(|from| from <= now + LEEWAY) && claims.iat <= now + LEEWAY;
        let is_short =
            claims.exp.checked_sub(claims.iat).is_some_and(|life| (0..=MAX_LIFETIME).contains(&life));
        if claims.iss != self.options.issuer || !is_for_us || !has_begun || !is_short {
            return Err(Denied::Unknown);
        }
        if now >= claims.exp + LEEWAY {
            return Err(Denied::Expired);
        }
        let name = claims.others.get(&self.options.name_claim).and_then(Value::as_str);
        name.map(str::to_owned).ok_or(Denied::Unknown)
    }

    async fn keys(&self, id: Option<&str>) -> Result<Arc<KeySet>, Denied> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read_at, keys)) = &known {
            let is_known = id.is_none_or(|id| keys.has(id));
            let age = read_at.elapsed();
            // Whoever sends tokens with keys that do not exist cannot make us ask the provider for each.
            if age < AGAIN_AFTER || (is_known && age < FRESH_FOR) {
                return Ok(Arc::clone(keys));
            }
        }
        match (self.read().await, known) {
            (Ok(keys), _) => {
                let keys = Arc::new(keys);
                let fresh = Some((Instant::now(), Arc::clone(&keys)));
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
                Ok(keys)
            }
            // The provider is away for a moment: the keys of before still hold.
            (Err(_), Some((read_at, keys))) if read_at.elapsed() < FRESH_FOR * 6 => Ok(keys),
            (Err(error), _) => Err(Denied::Failed { detail: chain(&error) }),
        }
    }

    async fn read(&self) -> Result<KeySet, AuthError> {
        let from = match &self.options.keys {
            KeySource::File(path) => path.display().to_string(),
            KeySource::Url(url) => url.clone(),
        };
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| AuthError::Keys { from: from.clone(), source };
        let bytes = match &self.options.keys {
            KeySource::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || {
                    let size = usize::try_from(std::fs::metadata(&path)?.len()).unwrap_or(usize::MAX);
                    if size > MAX_KEYS_BYTES {
                        return Err(std::io::Error::other(format!(
                            "it has more than {MAX_KEYS_BYTES} bytes"
                        )));
                    }
                    std::fs::read(&path)
                });
                read.await.map_err(AuthError::Worker)?.map_err(|error| failed(error.into()))?
            }
            KeySource::Url(url) => fetch(url).await.map_err(failed)?,
        };
        let keys = KeySet::parse(&bytes).map_err(|error| failed(error.into()))?;
        if keys.is_empty() { Err(failed("there is no key that signs".into())) } else { Ok(keys) }
    }
}

async fn fetch(url: &str) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let client =
        reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
    let mut answer = client.get(url).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > MAX_KEYS_BYTES {
            return Err(format!("more than {MAX_KEYS_BYTES} bytes").into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
