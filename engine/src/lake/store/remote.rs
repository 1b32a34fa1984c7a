//! A lake in an object store: `s3:`, `az:`, `gs:`.
//!
//! # What an error means here
//! A request that failed may have been carried out: the answer was lost, or came from a proxy on the way.
//! So [`Remote::create_once`] looks at what is there after every error and asks again while nothing is; only
//! the bytes found decide what has happened. When even that stays unknown it says so by an error, and the
//! caller must take it as "perhaps" ([`is_refusal`] = certainly not).
//!
//! # Names
//! Objects whose content matters are created only when their name is free; data files have names that no
//! other attempt ever has, so that a request that arrives late overwrites nothing.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path as StorePath;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use url::Url;

use super::runtime::wait;
use super::stepping::Stepping;
use super::{Created, Named};
use crate::lake::error::{LakeError, Result};

/// A request that stays without a clear answer is repeated so often, beyond what the client does by itself.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(20);
/// Above it a file goes up in parts of this size; S3 wants at least 5 MiB.
const PART_BYTES: usize = 16 << 20;
/// Variables of the environment that clients of object stores are set up by.
const VARIABLES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

/// The object store of one lake.
#[derive(Debug)]
pub(in crate::lake) struct Remote {
    store: Stepping,
    /// As [`Remote::store`], without fault injection: for the renewal of a lease, which has no place in an order.
    plain: Arc<dyn ObjectStore>,
    /// `s3://bucket`.
    base: Url,
    /// `s3://bucket/lake`.
    root: PathBuf,
    /// Key of the lake.
    prefix: StorePath,
    /// Files of this process on their way up.
    scratch: TempDir,
    next: AtomicU64,
}

impl Remote {
    /// The store that a URL names, set up by the usual variables of the environment; `None` = no such kind.
    pub(in crate::lake) fn parse(location: &str) -> Result<Option<Self>> {
        let Ok(url) = Url::parse(location) else { return Ok(None) };
        let failed = |source| LakeError::Store { location: location.to_owned(), source };
        let (store, prefix): (Arc<dyn ObjectStore>, StorePath) = match url.scheme() {
            "s3" | "az" | "gs" if url.has_host() => {
                let variables = std::env::vars_os().filter_map(|(name, value)| {
                    let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
                    VARIABLES.iter().any(|known| name.starts_with(known)).then_some((name, value))
                });
                let (store, prefix) = object_store::parse_url_opts(&url, variables).map_err(failed)?;
                (store.into(), prefix)
            }
            #[cfg(test)]
            "memory" => {
                let prefix = StorePath::from_url_path(url.path()).map_err(|error| failed(error.into()))?;
                (memory::store(url.host_str().unwrap_or_default()), prefix)
            }
            _ => return Ok(None),
        };
        Self::over(store, &url, prefix).map(Some)
    }

    fn over(store: Arc<dyn ObjectStore>, url: &Url, prefix: StorePath) -> Result<Self> {
        let folder = std::env::temp_dir();
        let scratch = tempfile::Builder::new().prefix("bilim-").tempdir_in(&folder);
        let scratch = scratch.map_err(LakeError::io("make a folder in", &folder))?;
        let mut base = url.clone();
        base.set_path("");
        base.set_query(None);
        base.set_fragment(None);
        let root = PathBuf::from(base.as_str().trim_end_matches('/')).join(prefix.as_ref());
        let store_path = PathBuf::from(base.as_str().trim_end_matches('/'));
        let stepping = Stepping::new(Arc::clone(&store), store_path);
        Ok(Self { store: stepping, plain: store, base, root, prefix, scratch, next: AtomicU64::new(0) })
    }

    pub(in crate::lake) fn root(&self) -> &Path {
        &self.root
    }

    /// What queries name the store by.
    pub(in crate::lake) fn base(&self) -> &Url {
        &self.base
    }

    /// A folder of this machine for temporary files; it goes with the lake's last handle.
    pub(in crate::lake) fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// A name in the scratch folder that nothing else has.
    pub(in crate::lake) fn scratch_file(&self) -> PathBuf {
        self.scratch.path().join(format!("{}.up", self.next.fetch_add(1, Ordering::Relaxed)))
    }

    pub(in crate::lake) fn object_store(&self) -> Arc<dyn ObjectStore> {
        Arc::new(self.store.clone())
    }

    /// Key of a path of the lake.
    pub(in crate::lake) fn key(&self, path: &Path) -> io::Result<StorePath> {
        let below = path.strip_prefix(&self.root).map_err(io::Error::other)?;
        let below = below.to_str().ok_or_else(|| io::Error::other("the name is no UTF-8"))?;
        let key = format!("{}/{below}", self.prefix.as_ref());
        StorePath::parse(key.trim_matches('/')).map_err(io::Error::other)
    }

    pub(super) fn get(&self, path: &Path) -> io::Result<Bytes> {
        let (store, key) = (self.store.clone(), self.key(path)?);
        wait(async move { store.get(&key).await?.bytes().await })
    }

    pub(super) fn exists(&self, path: &Path) -> io::Result<bool> {
        let (store, key) = (self.store.clone(), self.key(path)?);
        match wait(async move { store.head(&key).await }) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn digest(&self, path: &Path) -> io::Result<(u64, String)> {
        let (store, key) = (self.store.clone(), self.key(path)?);
        wait(async move {
            let mut chunks = store.get(&key).await?.into_stream();
            let (mut hasher, mut size) = (Sha256::new(), 0);
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk?;
                hasher.update(&chunk);
                size += chunk.len() as u64;
            }
            Ok((size, hex::encode(hasher.finalize())))
        })
    }

    pub(super) fn create_once(&self, path: &Path, bytes: &[u8]) -> Result<Created> {
        let bytes = Bytes::copy_from_slice(bytes);
        let mut failed = io::Error::other("no attempt was made");
        for attempt in 0..ATTEMPTS {
            pause(attempt);
            match self.put(path, bytes.clone(), PutMode::Create) {
                Ok(()) => return Ok(Created::New),
                Err(error) => failed = error,
            }
            // Refused because it is there, or done and only the answer was lost: the bytes tell.
            match self.get(path) {
                Ok(found) if found == bytes => return Ok(Created::Same),
                Ok(_) => return Ok(Created::Different),
                Err(_) if is_refusal(&failed) => break,
                Err(_) => {}
            }
        }
        Err(LakeError::io("create", path)(failed))
    }

    /// Whether the store refuses to create what is there: without that, nothing here holds.
    ///
    /// `path` must exist.
    pub(in crate::lake) fn refuses_existing(&self, path: &Path) -> Result<()> {
        let probe = Bytes::from_static(b"this must not be stored\n");
        let mut failed = io::Error::other("no attempt was made");
        for attempt in 0..ATTEMPTS {
            pause(attempt);
            match self.put(path, probe.clone(), PutMode::Create) {
                Ok(()) => return Err(LakeError::StoreUnfit { path: self.root.clone() }),
                Err(error) if is_already_there(&error) => return Ok(()),
                Err(error) => failed = error,
            }
        }
        Err(LakeError::io("try to create again", path)(failed))
    }

    fn put(&self, path: &Path, bytes: Bytes, mode: PutMode) -> io::Result<()> {
        let (store, key) = (self.store.clone(), self.key(path)?);
        wait(async move { store.put_opts(&key, bytes.into(), mode.into()).await }).map(|_| ())
    }

    /// Write an object of which only this process is the author, outside the order of operations.
    pub(in crate::lake) async fn overwrite(&self, path: &Path, bytes: Vec<u8>) -> io::Result<()> {
        let key = self.key(path)?;
        self.plain.put(&key, bytes.into()).await?;
        Ok(())
    }

    /// As [`Remote::exists`], for a task of the store's own.
    pub(in crate::lake) async fn is_there(&self, path: &Path) -> io::Result<bool> {
        match self.plain.head(&self.key(path)?).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Upload a file of this machine; the name must be one that nobody else ever uses.
    pub(in crate::lake) fn upload(&self, file: &Path, path: &Path) -> Result<()> {
        let mut failed = None;
        for attempt in 0..ATTEMPTS {
            pause(attempt);
            match self.try_upload(file, path) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    let is_final = is_refusal(&error);
                    failed = Some(error);
                    if is_final {
                        break;
                    }
                }
            }
        }
        let failed = failed.unwrap_or_else(|| io::Error::other("no attempt was made"));
        Err(LakeError::io("upload", path)(failed))
    }

    fn try_upload(&self, file: &Path, path: &Path) -> io::Result<()> {
        let mut source = File::open(file)?;
        let size = usize::try_from(source.metadata()?.len()).map_err(io::Error::other)?;
        let mut next = move || -> io::Result<Bytes> {
            let mut part = Vec::with_capacity(PART_BYTES.min(size));
            (&mut source).take(PART_BYTES as u64).read_to_end(&mut part)?;
            Ok(part.into())
        };
        if size <= PART_BYTES {
            return self.put(path, next()?, PutMode::Overwrite);
        }
        let (store, key) = (self.store.clone(), self.key(path)?);
        wait(async move {
            let mut upload = store.put_multipart(&key).await?;
            let sent = send(&mut *upload, next).await;
            if sent.is_err() {
                // Parts that stay behind cost money until the bucket's own rule removes them.
                let _ = upload.abort().await;
            }
            sent
        })
    }

    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        let (store, key) = (self.store.clone(), self.key(path)?);
        match wait(async move { store.delete(&key).await }) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn names(&self, folder: &Path) -> io::Result<Vec<Named>> {
        let (store, key) = (self.store.clone(), self.key(folder)?);
        wait(async move {
            let found = store.list_with_delimiter(Some(&key)).await?;
            let named = |path: &StorePath, is_folder| {
                path.filename().map(|name| Named { name: name.to_owned(), is_folder })
            };
            let files = found.objects.iter().filter_map(|file| named(&file.location, false));
            Ok(files.chain(found.common_prefixes.iter().filter_map(|path| named(path, true))).collect())
        })
    }

    pub(super) fn files_below(&self, folder: &Path) -> io::Result<BTreeSet<String>> {
        let (store, key) = (self.store.clone(), self.key(folder)?);
        wait(async move {
            let below = format!("{key}/");
            store
                .list(Some(&key))
                .map_ok(|file| file.location.as_ref().strip_prefix(&below).map(str::to_owned))
                .try_filter_map(futures::future::ok)
                .try_collect()
                .await
        })
    }
}

/// Send the rest of a file in parts, two at a time.
async fn send(
    upload: &mut dyn MultipartUpload,
    mut next: impl FnMut() -> io::Result<Bytes>,
) -> object_store::Result<()> {
    let unread = |source| object_store::Error::Generic { store: "lake", source: Box::new(source) };
    loop {
        let (first, second) = (next().map_err(unread)?, next().map_err(unread)?);
        if first.is_empty() {
            break;
        }
        let first = upload.put_part(PutPayload::from(first));
        if second.is_empty() {
            first.await?;
            break;
        }
        futures::future::try_join(first, upload.put_part(PutPayload::from(second))).await?;
    }
    upload.complete().await.map(|_| ())
}

fn pause(attempt: u32) {
    if attempt > 0 {
        std::thread::sleep(PAUSE * 4_u32.pow(attempt - 1));
    }
}

fn cause(error: &io::Error) -> Option<&object_store::Error> {
    error.get_ref()?.downcast_ref()
}

fn is_already_there(error: &io::Error) -> bool {
    use object_store::Error::{AlreadyExists, Precondition};
    matches!(cause(error), Some(AlreadyExists { .. } | Precondition { .. }))
}

/// Whether an error says that certainly nothing was stored.
pub(in crate::lake) fn is_refusal(error: &io::Error) -> bool {
    use object_store::Error as E;
    matches!(
        cause(error),
        Some(
            E::PermissionDenied { .. }
                | E::Unauthenticated { .. }
                | E::NotImplemented { .. }
                | E::NotSupported { .. }
                | E::UnknownConfigurationKey { .. }
                | E::InvalidPath { .. }
        )
    )
}

/// Stores of this process, for tests: `memory://name/...`.
#[cfg(test)]
mod memory {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex, PoisonError};

    use object_store::ObjectStore;
    use object_store::memory::InMemory;

    pub(super) fn store(name: &str) -> Arc<dyn ObjectStore> {
        static STORES: Mutex<Option<HashMap<String, Arc<InMemory>>>> = Mutex::new(None);
        let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
        let store = stores.get_or_insert_default().entry(name.to_owned()).or_default();
        Arc::clone(store) as Arc<dyn ObjectStore>
    }
}
