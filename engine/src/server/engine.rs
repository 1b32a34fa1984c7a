//! What all calls share: the lake as it is now, sessions over it, places, limits, the log.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;
use tokio::sync::OnceCell;
use tonic::{Code, Status};
use uuid::Uuid;

use super::admission::Admission;
use super::audit::Audit;
use super::error::{ServerError, incident, of_query};
use super::flight::messages::{Options, Pinned};
use super::identity::Authenticator;
use super::landings::{Lander, Landings};
use super::metrics::{Metrics, Now};
use super::options::Sessions;
use super::queries::QueryTable;
use super::running::Registry;
use super::seal::Sealer;
use super::threads::Queries;
use crate::config::Config;
use crate::definitions::Definitions;
use crate::error::chain;
use crate::lake::{AsOf, Lake, LakeError, Snapshot};
use crate::query::{self, Answer, AnswerKey, Asked, Gate, Resolved, ResultCache};
use crate::session::policy::{Caller, Role};
use crate::session::{self, Descriptions};

/// Sessions kept open; each holds the reference tables, some megabytes.
const MAX_OPEN: usize = 48;

/// Resolved statements kept for each session.
const MAX_RESOLVED: usize = 64;

/// Plans kept for each session until their tickets are read.
const MAX_READY: usize = 64;

/// What all calls share.
pub struct Engine {
    /// Limits.
    pub config: Config,
    /// The lake.
    pub lake: Lake,
    /// Definitions of this build.
    pub definitions: Arc<Definitions>,
    /// Memory, spill folder and caches of the process.
    pub runtime: Arc<RuntimeEnv>,
    /// Threads with large stacks, on which statements are planned and run.
    pub queries: Queries,
    /// Who knows the users.
    pub users: Arc<dyn Authenticator>,
    /// Who was told what.
    pub audit: Audit,
    /// Answers kept, for every caller of the same rights.
    pub results: ResultCache,
    /// Key of tickets.
    pub sealer: Sealer,
    /// Counters.
    pub metrics: Metrics,
    /// Places of queries.
    pub admission: Admission,
    /// Places of planning without an answer: preparing, listing tables.
    planning: Admission,
    /// Statements that run.
    pub registry: Arc<Registry>,
    /// Where submissions are handed in.
    pub landings: Landings,
    /// Options of sessions.
    pub sessions: Sessions,
    /// Connections.
    pub connections: Arc<AtomicUsize>,
    latest: RwLock<Snapshot>,
    open: Mutex<HashMap<Key, Slot>>,
    is_draining: AtomicBool,
}

/// What makes one session differ from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    caller: Caller,
    pinned: Pinned,
    catalog: String,
    schema: String,
    use_rollups: bool,
}

struct Slot {
    opened: Arc<OnceCell<Arc<Opened>>>,
    used: Instant,
}

/// A session of a caller over one lake version.
pub struct Opened {
    /// Where its statements are planned.
    pub ctx: SessionContext,
    /// The session that views belong to; `ctx` looks names up elsewhere and does not keep it alive.
    _whole: SessionContext,
    /// Who asks.
    pub caller: Caller,
    /// Lake version.
    pub snapshot: Snapshot,
    /// Definitions in force at that version.
    pub definitions: Arc<Definitions>,
    gate: Gate,
    resolved: Mutex<Vec<(String, Arc<Resolved>)>>,
    /// Plans made for a ticket that was not read yet.
    ready: Mutex<VecDeque<(Uuid, Answer)>>,
    /// Where names are looked up, and whether rollups are used.
    names: String,
    descriptions: OnceLock<Option<Arc<Descriptions>>>,
}

impl Opened {
    /// What columns mean; `None` where the definitions cannot tell.
    pub fn descriptions(&self) -> Option<Arc<Descriptions>> {
        let made = self.descriptions.get_or_init(|| match Descriptions::of(&self.definitions) {
            Ok(descriptions) => Some(Arc::new(descriptions)),
            Err(error) => {
                tracing::warn!(error = %error, "columns are listed without their descriptions");
                None
            }
        });
        made.clone()
    }

    /// Let a statement in and plan it; the last ones are remembered. Call it on the threads of queries.
    ///
    /// # Errors
    /// As the caller is told it.
    pub async fn resolve(&self, sql: &str) -> Result<Arc<Resolved>, Status> {
        if let Some(known) = self.remembered(sql) {
            return Ok(known);
        }
        let resolved = query::resolve(&self.ctx, sql, &self.gate).await.map_err(|error| of_query(&error))?;
        let resolved = Arc::new(resolved);
        let mut all = lock(&self.resolved);
        if all.len() == MAX_RESOLVED {
            all.remove(0);
        }
        all.push((sql.to_owned(), Arc::clone(&resolved)));
        Ok(resolved)
    }

    /// The name under which an answer is kept; `None` = it is not.
    #[must_use]
    pub fn key(&self, results: &ResultCache, sql: &str, values: Option<&RecordBatch>) -> Option<AnswerKey> {
        let mut parameters = Vec::new();
        if let Some(values) = values {
            for (place, column) in values.columns().iter().enumerate() {
                parameters.push((place.to_string(), ScalarValue::try_from_array(column, 0).ok()?));
            }
        }
        results.key(&self.ctx, sql, Asked { parameters: &parameters, scope: &self.names })
    }

    /// Keep a plan until its ticket is read. The oldest that nobody came for make room.
    pub fn keep_ready(&self, ticket: Uuid, answer: Answer) {
        let mut ready = lock(&self.ready);
        if ready.len() == MAX_READY {
            ready.pop_front();
        }
        ready.push_back((ticket, answer));
    }

    /// The plan made for a ticket; it runs once.
    #[must_use]
    pub fn take_ready(&self, ticket: Uuid) -> Option<Answer> {
        let mut ready = lock(&self.ready);
        let at = ready.iter().position(|(known, _)| *known == ticket)?;
        ready.remove(at).map(|(_, answer)| answer)
    }

    /// Found again, it becomes the last to be forgotten.
    fn remembered(&self, sql: &str) -> Option<Arc<Resolved>> {
        let mut all = lock(&self.resolved);
        let at = all.iter().position(|(known, _)| known == sql)?;
        let found = all.remove(at);
        let resolved = Arc::clone(&found.1);
        all.push(found);
        Some(resolved)
    }
}

/// What an engine is made of.
pub struct Parts {
    /// Limits.
    pub config: Config,
    /// The lake.
    pub lake: Lake,
    /// Definitions of this build.
    pub definitions: Arc<Definitions>,
    /// Memory, spill folder and caches of the process.
    pub runtime: Arc<RuntimeEnv>,
    /// Threads of queries.
    pub queries: Queries,
    /// Who knows the users.
    pub users: Arc<dyn Authenticator>,
    /// The audit log.
    pub audit: Audit,
}

impl Engine {
    /// Over the newest version of the lake.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn new(parts: Parts) -> Result<Self, ServerError> {
        let latest = parts.lake.snapshot(AsOf::Latest).await?;
        let server = &parts.config.server;
        let lander = Lander {
            config: parts.config.clone(),
            lake: parts.lake.clone(),
            definitions: Arc::clone(&parts.definitions),
            runtime: Arc::clone(&parts.runtime),
        };
        Ok(Self {
            landings: Landings::start(lander, parts.queries.of(Role::Ministry)),
            sealer: Sealer::new()?,
            metrics: Metrics::default(),
            admission: Admission::new(server),
            planning: Admission::new(server),
            registry: Arc::default(),
            results: ResultCache::new(parts.config.result_cache_bytes),
            sessions: Sessions::new(server),
            connections: Arc::default(),
            latest: RwLock::new(latest),
            open: Mutex::default(),
            is_draining: AtomicBool::new(false),
            config: parts.config,
            lake: parts.lake,
            definitions: parts.definitions,
            runtime: parts.runtime,
            queries: parts.queries,
            users: parts.users,
            audit: parts.audit,
        })
    }

    /// The newest lake version known.
    #[must_use]
    pub fn latest(&self) -> Snapshot {
        self.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Look for a newer lake version. Queries that run keep theirs.
    ///
    /// # Errors
    /// When the lake cannot be read; the known version stays.
    pub async fn refresh(&self) -> Result<(), LakeError> {
        let newest = self.lake.snapshot(AsOf::Latest).await?;
        let mut latest = self.latest.write().unwrap_or_else(PoisonError::into_inner);
        if newest.number() > latest.number() {
            tracing::info!(lake_version = newest.number(), "a new lake version is answered from");
            let number = newest.number();
            *latest = newest;
            // Statements that run hold their session; a ticket for an earlier version opens it again.
            lock(&self.open).retain(|key, _| !key.pinned.is_live || key.pinned.version == number);
        }
        Ok(())
    }

    /// Let in no new statements.
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::Release);
    }

    /// Whether new statements are let in.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.is_draining.load(Ordering::Acquire)
    }

    /// Values of the moment, for the metrics.
    #[must_use]
    pub fn now(&self) -> Now {
        Now {
            connections: self.connections.load(Ordering::Relaxed),
            queries: self.registry.count(),
            waiting: self.admission.waiting(),
            memory: self.registry.memory(),
            spilled: self.runtime.disk_manager.used_disk_space(),
            kept: self.results.bytes(),
            lake_version: self.latest().number(),
        }
    }

    /// The lake version that options ask for.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` or `NOT_FOUND`, as the caller is told it.
    pub async fn pin(&self, options: &Options) -> Result<Pinned, Status> {
        let Some(text) = options.as_of.as_deref() else {
            return Ok(Pinned { version: self.latest().number(), freeze: None, is_live: true });
        };
        let as_of = AsOf::parse(text, &self.definitions.assets).map_err(|error| of_lake(&error))?;
        let snapshot = self.lake.snapshot(as_of).await.map_err(|error| of_lake(&error))?;
        Ok(Pinned { version: snapshot.number(), freeze: snapshot.fixing(), is_live: false })
    }

    /// The session of a caller over a pinned version. Sessions are kept and shared by a caller's statements.
    ///
    /// # Errors
    /// As the caller is told it.
    pub async fn open(
        self: &Arc<Self>,
        caller: &Caller,
        pinned: Pinned,
        options: &Options,
    ) -> Result<Arc<Opened>, Status> {
        let key = Key {
            caller: caller.clone(),
            pinned,
            catalog: options.catalog.clone().unwrap_or_else(|| "bilim".to_owned()),
            schema: options.schema.clone().unwrap_or_else(|| "mart".to_owned()),
            use_rollups: options.use_rollups.unwrap_or(true),
        };
        let cell = self.slot(&key);
        let opened = cell.get_or_try_init(|| {
            let (engine, key) = (Arc::clone(self), key.clone());
            async move {
                let role = key.caller.role();
                let opening =
                    self.queries.of(role).spawn(async move { engine.open_new(&key).await.map(Arc::new) });
                opening.await.map_err(|error| ended(&error))?
            }
        });
        opened.await.map(Arc::clone)
    }

    /// The place of a session; the one unused for longest makes room.
    fn slot(&self, key: &Key) -> Arc<OnceCell<Arc<Opened>>> {
        let mut open = lock(&self.open);
        if let Some(slot) = open.get_mut(key) {
            slot.used = Instant::now();
            return Arc::clone(&slot.opened);
        }
        // Statements that run hold their session themselves.
        if open.len() >= MAX_OPEN
            && let Some(oldest) = open.iter().min_by_key(|(_, slot)| slot.used).map(|(key, _)| key.clone())
        {
            open.remove(&oldest);
        }
        let opened = Arc::new(OnceCell::new());
        open.insert(key.clone(), Slot { opened: Arc::clone(&opened), used: Instant::now() });
        opened
    }

    async fn open_new(&self, key: &Key) -> Result<Opened, Status> {
        let as_of = match key.pinned.freeze {
            Some(year) => AsOf::Freeze(year),
            None => AsOf::Version(key.pinned.version),
        };
        let snapshot = self.lake.snapshot(as_of).await.map_err(|error| of_lake(&error))?;
        let failed = |error: session::SessionError| {
            incident(Code::Internal, "the lake version cannot be opened", &chain(&error))
        };
        let definitions = if key.pinned.is_live {
            Arc::clone(&self.definitions)
        } else {
            session::definitions_of(&self.lake, &snapshot, &self.definitions).await.map_err(failed)?
        };
        // What the server is told stands; a session can only do without.
        let config =
            Config { use_rollups: self.config.use_rollups && key.use_rollups, ..self.config.clone() };
        let whole =
            session::open_for(&config, Arc::clone(&self.runtime), &definitions, &snapshot, &key.caller)
                .map_err(failed)?;
        if whole.catalog(&key.catalog).is_none() {
            return Err(Status::not_found(format!("there is no catalog {}", key.catalog)));
        }
        let meta = whole.catalog("bilim").and_then(|catalog| catalog.schema("meta"));
        if let (Role::Ministry, Some(meta)) = (key.caller.role(), meta) {
            let running = Arc::new(QueryTable::new(Arc::clone(&self.registry)));
            meta.register_table("query".to_owned(), running).map_err(|error| {
                incident(Code::Internal, "the lake version cannot be opened", &error.to_string())
            })?;
        }
        let ctx = session::looking_at(&whole, &key.catalog, &key.schema);
        Ok(Opened {
            ctx,
            _whole: whole,
            caller: key.caller.clone(),
            snapshot,
            definitions,
            gate: Gate::new(self.config.server.statement.clone(), key.caller.may_explain()),
            resolved: Mutex::default(),
            ready: Mutex::default(),
            names: format!("{:?}", (&key.catalog, &key.schema, key.use_rollups)),
            descriptions: OnceLock::new(),
        })
    }

    /// Plan something for a caller on the threads of queries, within `longest`. It ends when the client goes away.
    ///
    /// # Errors
    /// What the work answers, `RESOURCE_EXHAUSTED` where too much is planned already, and `DEADLINE_EXCEEDED`.
    pub async fn planned<T: Send + 'static>(
        &self,
        caller: &Caller,
        longest: Duration,
        work: impl Future<Output = Result<T, Status>> + Send + 'static,
    ) -> Result<T, Status> {
        let place = self.planning.enter(caller).await?;
        let task = self.queries.of(caller.role()).spawn(async move {
            let result = work.await;
            drop(place);
            result
        });
        let _abort = AbortOnDrop(task.abort_handle());
        match tokio::time::timeout(longest, task).await {
            Ok(result) => result.map_err(|error| ended(&error))?,
            Err(_) => Err(Status::deadline_exceeded("the statement took longer to plan than it may")),
        }
    }
}

/// Ends a task whose result nobody waits for.
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A thread of queries ended without a result: a bug, and not the caller's.
#[must_use]
pub fn ended(error: &tokio::task::JoinError) -> Status {
    incident(Code::Internal, "the statement failed", &error.to_string())
}

/// An error of the lake as a caller is told it.
#[must_use]
pub fn of_lake(error: &LakeError) -> Status {
    match error {
        LakeError::AsOf { .. } => Status::invalid_argument(error.to_string()),
        LakeError::NoSuchVersion { .. } | LakeError::BeforeFirst { .. } => {
            Status::not_found(error.to_string())
        }
        LakeError::Freeze(inner) => Status::not_found(inner.to_string()),
        other => incident(Code::Internal, "the lake cannot be read", &chain(other)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
