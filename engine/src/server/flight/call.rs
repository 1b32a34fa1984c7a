//! Who calls: every call proves it anew, once, before anything else is looked at.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use tonic::{Code, Request, Status};
use uuid::Uuid;

use super::messages::Options;
use crate::definitions::Lang;
use crate::server::engine::Engine;
use crate::server::error::incident;
use crate::server::identity::{Denied, Identity};
use crate::server::options;
use crate::session::policy::Caller;

/// Header of the proof.
pub const AUTHORIZATION: &str = "authorization";

/// Before the name of an option in a header of one call.
const OPTION_HEADER: &str = "bilim-";

/// Names and passwords as drivers write them: those in Go leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Longest proof, in bytes: tokens of other systems are a few kilobytes.
const MAX_PROOF: usize = 16 << 10;

/// A call of somebody known.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who asks.
    pub caller: Caller,
    /// The session it asks in, where its token has one.
    pub session: Option<Uuid>,
    /// Options of that session, and of the headers of this call.
    pub options: Options,
    /// From where.
    pub peer: Option<SocketAddr>,
    /// What the client says it is.
    pub agent: String,
    /// A later token, to be told to the client.
    pub renewed: Option<String>,
}

impl Call {
    /// The caller of a request that the front has let in.
    ///
    /// # Errors
    /// `INTERNAL` for one that it has not: a bug.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let call = request.extensions().get::<Self>().cloned();
        call.ok_or_else(|| incident(Code::Internal, "the call was not let in", "no caller in the request"))
    }

    /// Longest time of a statement of this call.
    #[must_use]
    pub fn timeout(&self, engine: &Engine) -> Duration {
        let longest = engine.config.server.statement_timeout;
        self.options.timeout_ms.map_or(longest, Duration::from_millis).min(longest)
    }

    /// Language of descriptions and findings.
    #[must_use]
    pub fn lang(&self) -> Lang {
        match self.options.lang.as_deref() {
            Some("kk") => Lang::Kk,
            Some("ru") => Lang::Ru,
            _ => Lang::En,
        }
    }

    /// What the rights of the caller are, in one word: a ticket made under others is of no use.
    #[must_use]
    pub fn policy(&self) -> String {
        let scope = self.caller.scope().map(|unit| unit.to_string()).unwrap_or_default();
        format!("{}:{scope}", self.caller.role().as_str())
    }
}

/// Let a request in, or say why not.
///
/// # Errors
/// `UNAUTHENTICATED` without a good proof, `RESOURCE_EXHAUSTED` after too many bad ones, `INVALID_ARGUMENT` for
/// an option in a header that does not exist.
pub async fn admit<T>(engine: &Engine, request: &Request<T>) -> Result<Call, Status> {
    let peer = request.remote_addr();
    let headers = request.metadata();
    let identity = identify(engine, headers, peer).await?;
    let mut options = identity.session.map(|id| engine.sessions.options(id)).unwrap_or_default();
    of_headers(&mut options, headers, engine.config.server.statement_timeout)?;
    let agent = headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Ok(Call {
        caller: identity.caller,
        session: identity.session,
        options,
        peer,
        agent: agent.chars().take(200).collect(),
        renewed: identity.renewed,
    })
}

/// Who a request comes from.
///
/// # Errors
/// As [`admit`].
pub async fn identify(
    engine: &Engine,
    headers: &MetadataMap,
    peer: Option<SocketAddr>,
) -> Result<Identity, Status> {
    let missing = || Status::unauthenticated("sign in: give a name and password, or a token");
    let proof = headers.get(AUTHORIZATION).and_then(|proof| proof.to_str().ok()).ok_or_else(missing)?;
    if proof.len() > MAX_PROOF {
        return Err(missing());
    }
    let (scheme, value) = proof.split_once(' ').ok_or_else(missing)?;
    let ip = peer.map(|peer| peer.ip());
    let result = if scheme.eq_ignore_ascii_case("bearer") {
        engine.users.bearer(value.trim(), ip).await
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = BASE64.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = pair.ok_or_else(missing)?;
        let (name, password) = pair.split_once(':').ok_or_else(missing)?;
        let caller = engine.users.password(name, password, ip).await;
        caller.map(|caller| Identity { caller, session: None, renewed: None })
    } else {
        return Err(missing());
    };
    engine.metrics.login(if result.is_ok() { "accepted" } else { "denied" });
    result.map_err(|denied| of_denied(&denied))
}

fn of_denied(denied: &Denied) -> Status {
    match denied {
        Denied::Unknown | Denied::Expired => Status::unauthenticated(denied.to_string()),
        Denied::TooMany => Status::resource_exhausted(denied.to_string()),
        Denied::Failed { detail } => incident(Code::Unavailable, &denied.to_string(), detail),
    }
}

/// Options of one call: `bilim-as-of: 12`.
fn of_headers(target: &mut Options, headers: &MetadataMap, longest: Duration) -> Result<(), Status> {
    for name in options::NAMES {
        let header = format!("{OPTION_HEADER}{}", name.replace('_', "-"));
        let Some(value) = headers.get(header.as_str()) else { continue };
        let text = value.to_str().map_err(|_| Status::invalid_argument(format!("{header} is no text")))?;
        options::set(target, name, text, longest)
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
    }
    Ok(())
}

/// A new session's token for a caller, as the header that clients take it from.
///
/// # Errors
/// `UNAVAILABLE` when none can be made.
pub fn token(engine: &Engine, caller: &Caller) -> Result<MetadataValue<Ascii>, Status> {
    let token = engine.users.token(caller, Uuid::now_v7()).map_err(|denied| of_denied(&denied))?;
    bearer(&token)
}

/// A token as a header.
///
/// # Errors
/// `INTERNAL` when it is no text of a header: a bug.
pub fn bearer(token: &str) -> Result<MetadataValue<Ascii>, Status> {
    format!("Bearer {token}")
        .parse()
        .map_err(|_| incident(Code::Internal, "no token could be made", "it is no text of a header"))
}
