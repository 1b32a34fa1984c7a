//! Writing so that it survives power loss.
//!
//! `object_store` 0.13 never syncs, so a local lake does it here: file first, then the
//! folder that names it. Every file that decides something (log entry, pending landing,
//! lake version) appears under its name complete or not at all.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path as StorePath;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, UploadPart,
};

use super::Created;
use crate::lake::error::{LakeError, Result};
use crate::lake::inject;

/// Make a file that never existed before, whole and synced, or look at the one that does.
pub(in crate::lake) fn create_once(path: &Path, bytes: &[u8]) -> Result<Created> {
    let folder = parent(path);
    let temporary = temporary_name(path);
    write_synced(&temporary, bytes)?;
    // A hard link is the one local operation that both names a finished file and fails when the name is taken.
    let linked = inject::step("link", path, || std::fs::hard_link(&temporary, path));
    // What stays under a temporary name is nobody's, and the next writer removes it.
    let _ = remove(&temporary);
    if linked.is_ok() {
        sync_folder(folder)?;
        return Ok(Created::New);
    }
    // The name may be taken, or the link was made and only its answer was lost: the bytes tell.
    match std::fs::read(path) {
        Ok(found) => {
            // It may be named but not yet synced, left by a crash between the two.
            sync_file(path)?;
            sync_folder(folder)?;
            Ok(if found == bytes { Created::Same } else { Created::Different })
        }
        Err(_) => linked.map(|()| Created::New).map_err(LakeError::io("create", path)),
    }
}

/// Replace a file as a whole.
pub(in crate::lake) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = temporary_name(path);
    write_synced(&temporary, bytes)?;
    rename(&temporary, path)?;
    sync_folder(parent(path))
}

/// Give a file or folder another name in the same folder or file system; the folder is not synced yet.
pub(in crate::lake) fn rename(from: &Path, to: &Path) -> Result<()> {
    inject::step("rename", to, || std::fs::rename(from, to)).map_err(LakeError::io("name", to))
}

/// Remove a file.
pub(in crate::lake) fn remove(path: &Path) -> Result<()> {
    inject::step("remove", path, || std::fs::remove_file(path)).map_err(LakeError::io("remove", path))
}

/// Remove a folder and what is in it.
pub(in crate::lake) fn remove_folder(path: &Path) -> Result<()> {
    inject::step("remove", path, || std::fs::remove_dir_all(path)).map_err(LakeError::io("empty", path))
}

/// Create a folder and its parents, each synced into its own parent.
pub(in crate::lake) fn create_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        create_folder(above)?;
    }
    match inject::step("mkdir", path, || std::fs::create_dir(path)) {
        Ok(()) => sync_folder(parent(path)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(LakeError::io("create folder", path)(error)),
    }
}

/// Create a folder that nobody but the owner of the lake may enter; one that is there is closed to others.
pub(in crate::lake) fn private_folder(path: &Path) -> Result<()> {
    create_folder(path)?;
    #[cfg(unix)]
    if !is_private(path) {
        use std::os::unix::fs::PermissionsExt;
        let close = || std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700));
        inject::step("protect", path, close).map_err(LakeError::io("protect", path))?;
    }
    Ok(())
}

/// Whether only the owner may read a folder or file; elsewhere than on Unix the system's own rules hold.
pub(in crate::lake) fn is_private(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let others = 0o077;
        std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & others == 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        true
    }
}

/// How to make a file: one in a folder of the owner's is the owner's.
pub(in crate::lake) fn making(path: &Path) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if is_private(parent(path)) {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Sync what a folder names.
pub(in crate::lake) fn sync_folder(path: &Path) -> Result<()> {
    sync_file(path)
}

fn sync_file(path: &Path) -> Result<()> {
    let sync = || File::open(path).and_then(|file| file.sync_all());
    inject::step("sync", path, sync).map_err(LakeError::io("sync", path))
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let open = || making(path).open(path);
    let mut file = inject::step("create", path, open).map_err(LakeError::io("create", path))?;
    let written = inject::step("write", path, || file.write_all(bytes))
        .and_then(|()| inject::step("sync", path, || file.sync_all()));
    if written.is_err() {
        let _ = remove(path);
    }
    written.map_err(LakeError::io("write", path))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name that `object_store` does not list: it ignores `#` followed by digits.
fn temporary_name(path: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let serial = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut name = path.as_os_str().to_owned();
    name.push(format!("#{}{serial:06}", std::process::id()));
    PathBuf::from(name)
}

/// The local file system with synced, all-or-nothing puts, for what deltalake writes itself (checkpoints).
#[derive(Debug)]
pub(in crate::lake) struct DurableStore {
    inner: LocalFileSystem,
}

impl DurableStore {
    pub(in crate::lake) fn new() -> Self {
        Self { inner: LocalFileSystem::new() }
    }
}

impl fmt::Display for DurableStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "durable {}", self.inner)
    }
}

fn failed(source: impl std::error::Error + Send + Sync + 'static) -> object_store::Error {
    object_store::Error::Generic { store: "durable", source: Box::new(source) }
}

async fn put(
    path: PathBuf,
    location: StorePath,
    payload: PutPayload,
    mode: PutMode,
) -> object_store::Result<PutResult> {
    let work = tokio::task::spawn_blocking(move || {
        let bytes = Bytes::from(payload);
        create_folder(parent(&path)).map_err(failed)?;
        match mode {
            PutMode::Create => match create_once(&path, &bytes).map_err(failed)? {
                Created::New => Ok(()),
                Created::Same | Created::Different => Err(object_store::Error::AlreadyExists {
                    path: location.to_string(),
                    source: std::io::Error::from(std::io::ErrorKind::AlreadyExists).into(),
                }),
            },
            PutMode::Overwrite => replace(&path, &bytes).map_err(failed),
            PutMode::Update(_) => Err(object_store::Error::NotImplemented {
                operation: "conditional update".to_owned(),
                implementer: "durable".to_owned(),
            }),
        }
    });
    work.await.map_err(failed)??;
    Ok(PutResult { e_tag: None, version: None })
}

#[async_trait]
impl ObjectStore for DurableStore {
    async fn put_opts(
        &self,
        location: &StorePath,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        let path = self.inner.path_to_filesystem(location)?;
        put(path, location.clone(), payload, options.mode).await
    }

    async fn put_multipart_opts(
        &self,
        location: &StorePath,
        _options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        let path = self.inner.path_to_filesystem(location)?;
        Ok(Box::new(Gather { path, location: location.clone(), parts: Vec::new() }))
    }

    async fn get_opts(&self, location: &StorePath, options: GetOptions) -> object_store::Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(
        &self,
        location: &StorePath,
        ranges: &[Range<u64>],
    ) -> object_store::Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, object_store::Result<StorePath>>,
    ) -> BoxStream<'static, object_store::Result<StorePath>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&StorePath>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&StorePath>,
        offset: &StorePath,
    ) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&StorePath>) -> object_store::Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &StorePath,
        to: &StorePath,
        options: CopyOptions,
    ) -> object_store::Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// Parts of an upload, kept until they can be written as one file. Checkpoints are small.
#[derive(Debug)]
struct Gather {
    path: PathBuf,
    location: StorePath,
    parts: Vec<Bytes>,
}

#[async_trait]
impl MultipartUpload for Gather {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.parts.extend(data);
        Box::pin(futures::future::ready(Ok(())))
    }

    async fn complete(&mut self) -> object_store::Result<PutResult> {
        let payload = PutPayload::from_iter(std::mem::take(&mut self.parts));
        put(self.path.clone(), self.location.clone(), payload, PutMode::Overwrite).await
    }

    async fn abort(&mut self) -> object_store::Result<()> {
        self.parts.clear();
        Ok(())
    }
}

/// The store every table is opened with.
pub(in crate::lake) fn store() -> Arc<dyn ObjectStore> {
    Arc::new(DurableStore::new())
}
