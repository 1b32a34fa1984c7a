//! Where a lake lies: a folder of this machine, or a prefix of an object store. The one seam between the
//! lake and its storage.
//!
//! A place in a lake is a path. In an object store the path is the lake's URL with what is below it
//! (`s3://bucket/lake/raw/...`), so that every message names what can be looked up. The lake's code does not
//! know which of the two it works on, except where it says so: by [`Store::remote`].
//!
//! What the lake asks of a store is little: whole objects, and that an object can be created only when its name
//! is free. Nothing else decides; see `remote` for what "it failed" means there.

mod data;
pub(super) mod durable;
mod remote;
mod runtime;
mod stepping;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::ObjectStore;
use sha2::{Digest, Sha256};

pub(super) use self::data::DataFile;
pub(super) use self::remote::{Remote, is_refusal};
pub(super) use self::runtime::spawn;
use super::error::{LakeError, Result};
use super::lake::blocking;

/// Outcome of [`Store::create_once`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Created {
    /// The file is new.
    New,
    /// It was there with the same bytes: somebody, or we before a crash, did it already.
    Same,
    /// It was there with other bytes.
    Different,
}

/// The storage of one lake. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) enum Store {
    /// This machine's file system, synced.
    #[default]
    Local,
    /// An object store.
    Remote(Arc<Remote>),
}

/// Something that a folder names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) is_folder: bool,
}

impl Store {
    /// The object store, unless the lake is a folder.
    pub(super) fn remote(&self) -> Option<&Arc<Remote>> {
        match self {
            Self::Local => None,
            Self::Remote(remote) => Some(remote),
        }
    }

    /// The whole of a file.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let read = match self {
            Self::Local => std::fs::read(path),
            Self::Remote(remote) => remote.get(path).map(Vec::from),
        };
        read.map_err(LakeError::io("read", path))
    }

    /// A data file to read pieces of.
    pub(super) fn data(&self, path: &Path) -> Result<DataFile> {
        match self {
            Self::Local => std::fs::File::open(path).map(DataFile::File),
            Self::Remote(remote) => remote.get(path).map(DataFile::Bytes),
        }
        .map_err(LakeError::io("open", path))
    }

    /// Whether there is a file of this name.
    pub(super) fn exists(&self, path: &Path) -> Result<bool> {
        match self {
            Self::Local => Ok(path.exists()),
            Self::Remote(remote) => remote.exists(path).map_err(LakeError::io("look for", path)),
        }
    }

    /// Bytes and SHA-256 of a file, read in pieces.
    pub(super) fn digest(&self, path: &Path) -> std::io::Result<(u64, String)> {
        if let Self::Remote(remote) = self {
            return remote.digest(path);
        }
        let mut file = std::fs::File::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 18];
        let mut size = 0_u64;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                return Ok((size, hex::encode(hasher.finalize())));
            }
            hasher.update(&buffer[..read]);
            size += read as u64;
        }
    }

    /// Make a file that never existed before, or look at the one that does.
    pub(super) fn create_once(&self, path: &Path, bytes: &[u8]) -> Result<Created> {
        match self {
            Self::Local => durable::create_once(path, bytes),
            Self::Remote(remote) => remote.create_once(path, bytes),
        }
    }

    /// Replace a file as a whole; of several writers the last one decides.
    pub(super) async fn replace(&self, path: &Path, bytes: Vec<u8>) -> Result<()> {
        if let Self::Remote(remote) = self {
            return remote.overwrite(path, bytes).await.map_err(LakeError::io("write", path));
        }
        let path = path.to_path_buf();
        blocking("replace a file", move || {
            durable::create_folder(path.parent().unwrap_or(&path))?;
            durable::replace(&path, &bytes)
        })
        .await
    }

    /// Remove a file.
    pub(super) fn remove(&self, path: &Path) -> Result<()> {
        match self {
            Self::Local => durable::remove(path),
            Self::Remote(remote) => remote.remove(path).map_err(LakeError::io("remove", path)),
        }
    }

    /// Create a folder and its parents; an object store has none.
    pub(super) fn create_folder(&self, path: &Path) -> Result<()> {
        match self {
            Self::Local => durable::create_folder(path),
            Self::Remote(_) => Ok(()),
        }
    }

    /// Create a folder that the owner of the lake alone may enter; the rights to an object store are given there.
    pub(super) fn private_folder(&self, path: &Path) -> Result<()> {
        match self {
            Self::Local => durable::private_folder(path),
            Self::Remote(_) => Ok(()),
        }
    }

    /// What a folder names; nothing when it does not exist.
    pub(super) fn names(&self, folder: &Path) -> Result<Vec<Named>> {
        if let Self::Remote(remote) = self {
            return remote.names(folder).map_err(LakeError::io("list", folder));
        }
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LakeError::io("list", folder)(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(LakeError::io("list", folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = match entry.file_type() {
                Ok(kind) if !kind.is_symlink() => kind.is_dir(),
                _ => entry.path().is_dir(),
            };
            names.push(Named { name, is_folder });
        }
        Ok(names)
    }

    /// Paths of the files anywhere below a folder, with `/`, leaving out folders of the name `except`.
    pub(super) fn files_below(&self, folder: &Path, except: &str) -> Result<BTreeSet<String>> {
        if let Self::Remote(remote) = self {
            let mut paths = remote.files_below(folder).map_err(LakeError::io("list", folder))?;
            paths.retain(|path| !path.rsplit('/').skip(1).any(|above| above == except));
            return Ok(paths);
        }
        let mut paths = BTreeSet::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(below) = folders.pop() {
            for found in self.names(&folder.join(&below))? {
                let path = below.join(&found.name);
                if !found.is_folder {
                    paths.insert(path.to_string_lossy().replace('\\', "/"));
                } else if found.name != except {
                    folders.push(path);
                }
            }
        }
        Ok(paths)
    }

    /// Run a request of the store to its end from a place that cannot await it.
    pub(super) fn wait(request: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        runtime::wait(async move {
            request.await;
            Ok(())
        })
    }

    /// What deltalake reads and writes tables through.
    pub(super) fn object_store(&self) -> Arc<dyn ObjectStore> {
        match self {
            Self::Local => durable::store(),
            Self::Remote(remote) => remote.object_store(),
        }
    }
}
