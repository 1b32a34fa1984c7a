//! Letting somebody in: by password, by key, by a token of ours or of another system.

use std::net::IpAddr;

use async_trait::async_trait;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::accounts::{Accounts, View};
use super::error::AuthError;
use super::state::User;
use super::{password, token};
use crate::server::identity::{Authenticator, Denied, Identity};
use crate::session::policy::Caller;

/// What a key of a program begins with: `bilimkey.<id>.<secret>`.
pub(super) const KEY_PREFIX: &str = "bilimkey.";

#[async_trait]
impl Authenticator for Accounts {
    async fn password(&self, name: &str, password: &str, peer: Option<IpAddr>) -> Result<Caller, Denied> {
        let now = self.now();
        if !self.attempts.is_free(name, peer, now) {
            return Err(Denied::TooMany);
        }
        let view = self.view().await.map_err(failed)?;
        let user = view.state.user(name);
        // Whoever it is, the same work is done before anything is decided.
        let stored = user.and_then(|user| user.password.clone());
        let is_right = password::verify(Zeroizing::new(password.to_owned()), stored).await.map_err(failed)?;
        let Some(user) = user.filter(|user| is_right && !user.is_disabled) else {
            self.attempts.failed(name, peer, now);
            return Err(Denied::Unknown);
        };
        self.attempts.succeeded(name);
        caller(&view, user)
    }

    async fn bearer(&self, token: &str, peer: Option<IpAddr>) -> Result<Identity, Denied> {
        let view = self.view().await.map_err(failed)?;
        if token::is_ours(token) {
            return self.own_token(&view, token);
        }
        if let Some(key) = token.strip_prefix(KEY_PREFIX) {
            return self.key_of_program(&view, key, peer);
        }
        let Some(provider) = &self.provider else { return Err(Denied::Unknown) };
        let name = provider.name_of(token, self.now()).await?;
        let user = view.state.user(&name).filter(|user| !user.is_disabled).ok_or(Denied::Unknown)?;
        Ok(Identity { caller: caller(&view, user)?, session: None, renewed: None })
    }

    fn token(&self, caller: &Caller, session: Uuid) -> Result<String, Denied> {
        token::issue(&self.last_view().state, caller.name(), session, self.now())
    }
}

impl Accounts {
    fn own_token(&self, view: &View, text: &str) -> Result<Identity, Denied> {
        let now = self.now();
        let claims = token::verify(&view.state, text, now)?;
        let user = view.state.user(&claims.name).filter(|user| !user.is_disabled).ok_or(Denied::Unknown)?;
        if user.epoch != claims.epoch {
            return Err(Denied::Expired);
        }
        let is_late = claims.expires - now.timestamp() < token::RENEWED_BEFORE.num_seconds();
        let renewed =
            if is_late { Some(token::issue(&view.state, &claims.name, claims.session, now)?) } else { None };
        Ok(Identity { caller: caller(view, user)?, session: Some(claims.session), renewed })
    }

    fn key_of_program(&self, view: &View, key: &str, peer: Option<IpAddr>) -> Result<Identity, Denied> {
        let now = self.now();
        // Secrets have 256 bits: what has to wait are addresses that try, not the owner of a key.
        if !self.attempts.is_free("", peer, now) {
            return Err(Denied::TooMany);
        }
        let owner = key.split_once('.').and_then(|(id, secret)| {
            let is_owner = |user: &&User| !user.is_disabled && user.has_key(id, secret, now);
            view.state.users.iter().find(is_owner)
        });
        let Some(owner) = owner else {
            if peer.is_some() {
                self.attempts.failed("", peer, now);
                self.attempts.succeeded("");
            }
            return Err(Denied::Unknown);
        };
        Ok(Identity { caller: caller(view, owner)?, session: None, renewed: None })
    }
}

fn caller(view: &View, user: &User) -> Result<Caller, Denied> {
    user.caller(&view.mask).map_err(|error| Denied::Failed { detail: error.to_string() })
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn failed(error: AuthError) -> Denied {
    Denied::Failed { detail: error.to_string() }
}
