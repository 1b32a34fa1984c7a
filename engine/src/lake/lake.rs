//! Opening a lake, its versions, its definitions.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};

use super::archive::{FreezeError, History};
use super::definitions;
use super::delta;
use super::derived::Derived;
use super::error::{LakeError, Result};
use super::files::TableFiles;
use super::layout::Layout;
use super::snapshot::{AsOf, Snapshot};
use super::store::{Created, Store};
use super::version::{LakeVersion, Stored, newest};

/// Tables of so many (table, version) pairs are kept open; a lake has some twenty tables.
const MAX_CACHED_TABLES: usize = 512;

/// A lake, opened for reading. Cheap to clone; clones share what has been read.
#[derive(Debug, Clone)]
pub struct Lake {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    layout: Layout,
    versions: Mutex<BTreeMap<u64, Arc<Stored>>>,
    tables: Mutex<HashMap<(String, u64), Arc<TableFiles>>>,
    snapshots: Mutex<BTreeMap<u64, Snapshot>>,
    /// Fixings by version of their table.
    histories: Mutex<BTreeMap<u64, Arc<History>>>,
    derived: Derived,
}

impl Lake {
    /// Create a lake in an empty or new folder; `location` is a path, or a URL of the schemes `file`, `s3`, `az`, `gs`.
    ///
    /// # Errors
    /// [`LakeError::AlreadyThere`] when the folder holds a lake or parts of one, [`LakeError::Scheme`] for
    /// another kind of store, [`LakeError::StoreUnfit`] when it replaces objects that must not be, [`LakeError::Io`].
    pub async fn init(location: &str) -> Result<Self> {
        Self::init_at(location, Utc::now()).await
    }

    /// As [`Lake::init`], by a clock of the caller's.
    ///
    /// # Errors
    /// As [`Lake::init`].
    pub async fn init_at(location: &str, now: DateTime<Utc>) -> Result<Self> {
        let layout = Layout::parse(location)?;
        let created = blocking("create the lake", move || {
            let store = layout.store();
            let is_there = |folder: &str| match store {
                Store::Local => Ok(layout.root().join(folder).exists()),
                Store::Remote(_) => store.names(&layout.root().join(folder)).map(|names| !names.is_empty()),
            };
            if is_there("raw")? || is_there("gov")? || store.exists(&layout.snapshot(0))? {
                return Err(LakeError::AlreadyThere { path: layout.root().to_path_buf() });
            }
            for folder in [
                layout.root().join("raw"),
                layout.root().join("gov"),
                layout.definitions(),
                layout.pending(),
                layout.snapshots(),
            ] {
                store.create_folder(&folder)?;
            }
            // Last, because it is what makes the folder a lake.
            let genesis = LakeVersion::genesis(now).to_bytes();
            if store.create_once(&layout.snapshot(0), &genesis)? == Created::Different {
                return Err(LakeError::AlreadyThere { path: layout.root().to_path_buf() });
            }
            if let Some(remote) = store.remote() {
                remote.refuses_existing(&layout.snapshot(0))?;
            }
            Ok(layout)
        });
        Ok(Self::over(created.await?))
    }

    /// Open a lake that exists.
    ///
    /// # Errors
    /// [`LakeError::NotALake`], [`LakeError::Scheme`], [`LakeError::Io`].
    pub async fn open(location: &str) -> Result<Self> {
        let layout = Layout::parse(location)?;
        let lake = Self::over(layout);
        let probe = lake.clone();
        blocking("open the lake", move || newest(probe.layout())).await?;
        Ok(lake)
    }

    fn over(layout: Layout) -> Self {
        Self {
            inner: Arc::new(Inner {
                derived: Derived::new(&layout),
                layout,
                versions: Mutex::default(),
                tables: Mutex::default(),
                snapshots: Mutex::default(),
                histories: Mutex::default(),
            }),
        }
    }

    /// Folder of the lake, or its URL.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.inner.layout.root()
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.inner.layout
    }

    /// Every lake version, oldest first.
    ///
    /// # Errors
    /// [`LakeError::Io`] or [`LakeError::Damaged`] naming the file.
    pub async fn versions(&self) -> Result<Vec<LakeVersion>> {
        let lake = self.clone();
        blocking("read the lake versions", move || {
            (0..=newest(lake.layout())?).map(|number| Ok(lake.stored(number)?.version.clone())).collect()
        })
        .await
    }

    /// Open one lake version; the log of each table is read once per Delta version and kept.
    ///
    /// # Errors
    /// [`LakeError::NoSuchVersion`], [`LakeError::BeforeFirst`], or what is wrong with the files.
    pub async fn snapshot(&self, as_of: AsOf) -> Result<Snapshot> {
        if let AsOf::Freeze(year) = as_of {
            let latest = Box::pin(self.snapshot(AsOf::Latest)).await?;
            let fixed = latest.history().fixed(year).and_then(|event| event.lake_version);
            let version = fixed.ok_or(FreezeError::NoArchive { year })?;
            return Ok(Box::pin(self.snapshot(AsOf::Version(version))).await?.of_fixing(year));
        }
        let lake = self.clone();
        let stored = blocking("find the lake version", move || lake.find(as_of)).await?;
        if let Some(open) = lock(&self.inner.snapshots).get(&stored.version.version) {
            return Ok(open.clone());
        }
        let loads = stored.version.tables.iter().map(|(name, version)| self.table(name, *version));
        let tables = futures::future::try_join_all(loads).await?;
        let history = self.history(&stored.version).await?;
        let snapshot = Snapshot::new(
            stored.version.clone(),
            stored.sha256.clone(),
            tables,
            history,
            self.layout().archive(),
            Some(self.inner.derived.clone()),
        );
        let mut open = lock(&self.inner.snapshots);
        while open.len() >= 32 {
            open.pop_first();
        }
        open.insert(snapshot.number(), snapshot.clone());
        Ok(snapshot)
    }

    /// The definitions kept under a hash, by path; empty when the hash is unknown.
    ///
    /// # Errors
    /// [`LakeError::Io`] naming the file.
    pub async fn definitions(&self, hash: &str) -> Result<BTreeMap<String, Vec<u8>>> {
        let (layout, name) = (self.layout().clone(), hash.to_owned());
        blocking("read definitions", move || {
            if layout.store().remote().is_some() {
                return definitions::read(&layout, &name);
            }
            let root = layout.definitions().join(&name);
            let mut files = BTreeMap::new();
            let mut folders = if root.is_dir() { vec![root.clone()] } else { Vec::new() };
            while let Some(folder) = folders.pop() {
                for entry in std::fs::read_dir(&folder).map_err(LakeError::io("list", &folder))? {
                    let path = entry.map_err(LakeError::io("list", &folder))?.path();
                    if path.is_dir() {
                        folders.push(path);
                    } else if let Ok(below) = path.strip_prefix(&root) {
                        let key = below.to_string_lossy().replace('\\', "/");
                        files.insert(key, std::fs::read(&path).map_err(LakeError::io("read", &path))?);
                    }
                }
            }
            Ok(files)
        })
        .await
    }

    /// A version's file, read once: versions never change.
    pub(super) fn stored(&self, number: u64) -> Result<Arc<Stored>> {
        if let Some(stored) = lock(&self.inner.versions).get(&number) {
            return Ok(Arc::clone(stored));
        }
        let stored = Arc::new(Stored::read(self.layout(), number)?);
        lock(&self.inner.versions).insert(number, Arc::clone(&stored));
        Ok(stored)
    }

    pub(super) fn find(&self, as_of: AsOf) -> Result<Arc<Stored>> {
        // From the newest known version onwards: no listing of a long folder per query.
        let known = lock(&self.inner.versions).last_key_value().map(|(number, _)| *number);
        let mut latest = match known {
            Some(number) => number,
            None => newest(self.layout())?,
        };
        while self.layout().store().exists(&self.layout().snapshot(latest + 1))? {
            latest += 1;
        }
        match as_of {
            AsOf::Latest => self.stored(latest),
            AsOf::Version(version) if version > latest => Err(LakeError::NoSuchVersion { version, latest }),
            AsOf::Version(version) => self.stored(version),
            // Which version it is stands in the ledger: `snapshot` has looked it up.
            AsOf::Freeze(year) => Err(FreezeError::NoArchive { year }.into()),
            AsOf::Time(time) => {
                // Times never go back along the chain, so the search may halve.
                let (mut low, mut high) = (0, latest + 1);
                while low < high {
                    let middle = low + (high - low) / 2;
                    if self.stored(middle)?.version.created_at <= time {
                        low = middle + 1;
                    } else {
                        high = middle;
                    }
                }
                match low.checked_sub(1) {
                    Some(version) => self.stored(version),
                    None => Err(LakeError::BeforeFirst {
                        time: time.to_rfc3339_opts(SecondsFormat::Millis, true),
                        first: self
                            .stored(0)?
                            .version
                            .created_at
                            .to_rfc3339_opts(SecondsFormat::Millis, true),
                    }),
                }
            }
        }
    }

    /// A table at a Delta version, read once.
    pub(super) async fn table(&self, name: &str, version: u64) -> Result<Arc<TableFiles>> {
        let key = (name.to_owned(), version);
        if let Some(table) = lock(&self.inner.tables).get(&key) {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(delta::load(self.layout(), name, version).await?);
        self.remember(Arc::clone(&table));
        Ok(table)
    }

    /// The fixings recorded up to a version.
    pub(super) async fn history(&self, version: &LakeVersion) -> Result<Arc<History>> {
        let Some(at) = version.tables.get("gov.freeze_event") else { return Ok(Arc::default()) };
        if let Some(history) = lock(&self.inner.histories).get(at) {
            return Ok(Arc::clone(history));
        }
        let table = self.table("gov.freeze_event", *at).await?;
        let history = Arc::new(blocking("read the fixings", move || History::read(&table)).await?);
        lock(&self.inner.histories).insert(*at, Arc::clone(&history));
        Ok(history)
    }

    /// Keep a table that the writer knows without reading it back.
    pub(super) fn remember(&self, table: Arc<TableFiles>) {
        let mut tables = lock(&self.inner.tables);
        if tables.len() >= MAX_CACHED_TABLES {
            tables.clear();
        }
        tables.insert((table.name.clone(), table.version), table);
    }
}

/// The caches hold only finished values, so a panic elsewhere leaves them usable.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Run file work off the async threads.
pub(super) async fn blocking<T: Send + 'static>(
    action: &'static str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(LakeError::task(action))?
}
