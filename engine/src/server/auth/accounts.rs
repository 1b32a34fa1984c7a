//! The accounts of a lake, opened: read again when they changed, changed by one writer at a time.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bilim_domain::pseudonym::PseudonymKey;
use chrono::{DateTime, TimeDelta, Utc};
use zeroize::Zeroizing;

use super::attempts::Attempts;
use super::error::AuthError;
use super::oidc::{OidcOptions, Provider};
use super::password;
use super::state::State;
use crate::lake::{AccountArea, Lake};
use crate::session::policy::Role;

/// How often a change is tried again when others changed the accounts meanwhile.
const MAX_ATTEMPTS: u32 = 16;

/// What time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How accounts are used.
#[derive(Clone)]
pub struct AccountsOptions {
    /// How old what is known of the accounts may be.
    pub refresh_every: Duration,
    /// Whose tokens beside our own are believed; `None` = nobody's.
    pub oidc: Option<OidcOptions>,
    /// What time it is.
    pub clock: Clock,
}

impl Default for AccountsOptions {
    fn default() -> Self {
        Self { refresh_every: Duration::from_secs(1), oidc: None, clock: Arc::new(Utc::now) }
    }
}

impl fmt::Debug for AccountsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (refresh_every, oidc) = (&self.refresh_every, &self.oidc);
        f.debug_struct("AccountsOptions")
            .field("refresh_every", refresh_every)
            .field("oidc", oidc)
            .finish_non_exhaustive()
    }
}

/// A user to be.
#[derive(Debug, Clone, Copy)]
pub struct NewUser<'a> {
    /// Name: letters, digits and `. _ @ -`.
    pub name: &'a str,
    /// Role.
    pub role: Role,
    /// Code of the unit that the role is for.
    pub scope: Option<&'a str>,
}

/// What is told of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInfo {
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// Code of the unit; `None` = the country.
    pub scope: Option<String>,
    /// Whether there is a password.
    pub has_password: bool,
    /// Keys of programs.
    pub key_count: usize,
    /// Whether no way in is left.
    pub is_disabled: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
}

/// The accounts of one lake.
pub struct Accounts {
    area: AccountArea,
    pub(super) options: AccountsOptions,
    pub(super) attempts: Attempts,
    pub(super) provider: Option<Provider>,
    known: Mutex<Known>,
}

/// The state as last read.
#[derive(Clone)]
struct Known {
    /// 0 = there is none.
    number: u64,
    view: Arc<View>,
    looked_at: Instant,
}

/// A state and what is computed from it once.
pub(super) struct View {
    pub(super) state: State,
    pub(super) mask: PseudonymKey,
}

impl View {
    fn new(state: State) -> Result<Self, AuthError> {
        let mask = state.mask()?;
        Ok(Self { state, mask })
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").field("area", &self.area).finish_non_exhaustive()
    }
}

impl Accounts {
    /// Read the accounts of a lake; a lake without any has no users, and nobody can sign in.
    ///
    /// # Errors
    /// [`AuthError::Lake`], [`AuthError::State`], [`AuthError::Provider`].
    pub async fn open(lake: &Lake, options: AccountsOptions) -> Result<Self, AuthError> {
        let area = lake.accounts();
        let (number, state) = match area.newer(0).await? {
            Some((number, bytes)) => (number, State::from_bytes(number, &Zeroizing::new(bytes))?),
            None => (0, State::empty((options.clock)())?),
        };
        let provider = options.oidc.clone().map(Provider::new).transpose()?;
        let known = Known { number, view: Arc::new(View::new(state)?), looked_at: Instant::now() };
        Ok(Self { area, options, attempts: Attempts::default(), provider, known: Mutex::new(known) })
    }

    /// The time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.options.clock)()
    }

    /// Make the token of the first administrator, where there is no user yet; earlier ones end. It is shown once and
    /// kept nowhere.
    ///
    /// # Errors
    /// As [`Accounts::add`].
    pub async fn begin(&self) -> Result<Option<Zeroizing<String>>, AuthError> {
        if !self.look(self.known().number).await?.state.users.is_empty() {
            return Ok(None);
        }
        let now = self.now();
        let secret = self.change(|state| state.begin(now)).await?;
        Ok(secret.map(|secret| secret.text()))
    }

    /// Make the first administrator, of the role ministry, with the token of [`Accounts::begin`].
    ///
    /// # Errors
    /// [`AuthError::FirstToken`]; as [`Accounts::add`].
    pub async fn claim(&self, token: &str, name: &str, password: Zeroizing<String>) -> Result<(), AuthError> {
        let hash = password::hash(password).await?;
        let now = self.now();
        self.change(|state| state.claim(token, name, hash.clone(), now)).await
    }

    /// Add a user; without a password it signs in by key or through another system only.
    ///
    /// # Errors
    /// [`AuthError::Exists`], [`AuthError::Name`], [`AuthError::Password`], [`AuthError::Caller`],
    /// [`AuthError::Contended`], [`AuthError::Lake`].
    pub async fn add(&self, user: NewUser<'_>, password: Option<Zeroizing<String>>) -> Result<(), AuthError> {
        let hash = match password {
            Some(password) => Some(password::hash(password).await?),
            None => None,
        };
        let now = self.now();
        self.change(|state| state.add(user.name, user.role, user.scope, hash.clone(), now)).await
    }

    /// Give a user another role and unit; who was disabled may sign in again. Its tokens end.
    ///
    /// # Errors
    /// [`AuthError::NoSuchUser`]; as [`Accounts::add`].
    pub async fn grant(&self, user: NewUser<'_>) -> Result<(), AuthError> {
        let now = self.now();
        self.change(|state| state.grant(user.name, user.role, user.scope, now)).await
    }

    /// Give a user another password. Its tokens end.
    ///
    /// # Errors
    /// [`AuthError::NoSuchUser`]; as [`Accounts::add`].
    pub async fn set_password(&self, name: &str, password: Zeroizing<String>) -> Result<(), AuthError> {
        let hash = password::hash(password).await?;
        let now = self.now();
        self.change(|state| state.set_password(name, hash.clone(), now)).await
    }

    /// A key for a program of the user's, good for so long. It is returned once and kept nowhere.
    ///
    /// # Errors
    /// [`AuthError::NoSuchUser`], [`AuthError::TooMany`]; as [`Accounts::add`].
    pub async fn key(&self, name: &str, good_for: TimeDelta) -> Result<Zeroizing<String>, AuthError> {
        let now = self.now();
        let (id, secret) = self.change(|state| state.add_key(name, good_for, now)).await?;
        Ok(Zeroizing::new(format!("{}{id}.{}", super::sign_in::KEY_PREFIX, secret.text().as_str())))
    }

    /// Leave a user no way in: password, keys and tokens are worth nothing from now on.
    ///
    /// # Errors
    /// [`AuthError::NoSuchUser`]; as [`Accounts::add`].
    pub async fn disable(&self, name: &str) -> Result<(), AuthError> {
        let now = self.now();
        self.change(|state| state.disable(name, now)).await
    }

    /// Sign tokens with a new key from now on. What the one before signed is good until it expires.
    ///
    /// # Errors
    /// As [`Accounts::add`].
    pub async fn rotate(&self) -> Result<(), AuthError> {
        let now = self.now();
        self.change(|state| state.rotate(now)).await
    }

    /// What a server does when it starts and once a day: another signing key when the one in use is old.
    ///
    /// # Errors
    /// As [`Accounts::add`].
    pub async fn maintain(&self) -> Result<(), AuthError> {
        let view = self.view().await?;
        if view.state.is_due(self.now()) { self.rotate().await } else { Ok(()) }
    }

    /// Every user, by name.
    ///
    /// # Errors
    /// As [`Accounts::open`].
    pub async fn list(&self) -> Result<Vec<UserInfo>, AuthError> {
        let view = self.view().await?;
        let mut users: Vec<UserInfo> = view
            .state
            .users
            .iter()
            .map(|user| UserInfo {
                name: user.name.clone(),
                role: user.role().to_owned(),
                scope: user.scope().map(str::to_owned),
                has_password: user.password.is_some(),
                key_count: user.keys.len(),
                is_disabled: user.is_disabled,
                created_at: user.created_at,
                changed_at: user.changed_at,
            })
            .collect();
        users.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(users)
    }

    /// The state, read again where what is known is too old.
    pub(super) async fn view(&self) -> Result<Arc<View>, AuthError> {
        let known = self.known();
        if known.number > 0 && known.looked_at.elapsed() < self.options.refresh_every {
            return Ok(known.view);
        }
        self.look(known.number).await
    }

    /// The state as last read, for places that cannot wait.
    pub(super) fn last_view(&self) -> Arc<View> {
        self.known().view
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn look(&self, number: u64) -> Result<Arc<View>, AuthError> {
        let newer = self.area.newer(number).await?;
        if let Some((number, bytes)) = newer {
            let state = State::from_bytes(number, &Zeroizing::new(bytes))?;
            self.remember(number, View::new(state)?);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.looked_at = Instant::now();
        Ok(Arc::clone(&known.view))
    }

    /// States are numbered: whoever read an earlier one does not undo a later.
    fn remember(&self, number: u64, view: View) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if number > known.number {
            *known = Known { number, view: Arc::new(view), looked_at: Instant::now() };
        }
    }

    /// Make the next state, on what others made meanwhile when they were faster.
    async fn change<T>(
        &self,
        mut change: impl FnMut(&mut State) -> Result<T, AuthError>,
    ) -> Result<T, AuthError> {
        for _ in 0..MAX_ATTEMPTS {
            self.look(self.known().number).await?;
            let Known { number, view, .. } = self.known();
            let mut state = view.state.clone();
            let result = change(&mut state)?;
            let bytes = state.to_bytes()?;
            if self.area.create(number + 1, bytes).await? {
                self.remember(number + 1, View::new(state)?);
                return Ok(result);
            }
        }
        Err(AuthError::Contended { attempts: MAX_ATTEMPTS })
    }
}
