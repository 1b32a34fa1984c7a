//! What is computed from a lake's tables and can be computed again: files below `rollup/`, rows in memory.
//!
//! No lake version names any of it. Everything is found by a key, a hash over whatever it was computed from, so
//! that what is there is right for every version that has the key, and deleting it changes no answer. A file is used
//! only when its bytes have the hash that its register says, and a register only when it has its own.

mod memory;
mod register;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

pub use self::memory::Memory;
pub use self::register::Register;
use super::error::Result;
use super::fault::Faults;
use super::files::{FileEntry, TableFiles};
use super::lake::blocking;
use super::layout::Layout;
use super::spec::TableSpec;
use super::stage::{Place, conform, write_sorted};
use super::store::Store;

/// The derived files of one lake, and the rows kept in memory. Cheap to clone; clones share what they know.
#[derive(Debug, Clone)]
pub struct Derived {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    store: Store,
    /// Whether a file has the hash its register says, by path and hash: each is read once a process.
    sound: Mutex<HashMap<(PathBuf, String), bool>>,
    memory: Memory,
}

impl Derived {
    pub(super) fn new(layout: &Layout) -> Self {
        let inner = Inner {
            folder: layout.rollup(),
            store: layout.store().clone(),
            sound: Mutex::default(),
            memory: Memory::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Rows kept in memory.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.inner.memory
    }

    /// The files of a derived table; none where the register is missing or damaged.
    ///
    /// `schema` is that of the table, for the ranges of its columns.
    pub async fn register(&self, name: &str, schema: &SchemaRef) -> Register {
        let (inner, name, schema) = (Arc::clone(&self.inner), name.to_owned(), Arc::clone(schema));
        let read = blocking("read rollups", move || {
            let path = register_of(&inner.folder, &name);
            Ok(match inner.store.read(&path) {
                Ok(bytes) => Register::from_bytes(&bytes, &schema).unwrap_or_default(),
                Err(_) => Register::default(),
            })
        });
        // Whatever it is that cannot be read: the rows are computed.
        read.await.unwrap_or_default()
    }

    /// Add entries to the register of a table, in the place of those with the same keys.
    ///
    /// Of two processes that do it at once one may lose its entries; their rows are then computed.
    ///
    /// # Errors
    /// [`super::LakeError::Io`].
    pub async fn enter(
        &self,
        name: &str,
        schema: &SchemaRef,
        entries: BTreeMap<String, Vec<FileEntry>>,
    ) -> Result<()> {
        let mut register = self.register(name, schema).await;
        register.extend(entries);
        let path = register_of(&self.inner.folder, name);
        let bytes = register.to_bytes();
        self.inner.store.replace(&path, bytes).await
    }

    /// Write rows, each partition into files of its own.
    ///
    /// # Errors
    /// [`super::LakeError::RowSchema`] when a column is not of the type that `spec` says,
    /// [`super::LakeError::Io`].
    pub async fn write(
        &self,
        spec: TableSpec,
        rows: Vec<RecordBatch>,
        threads: usize,
    ) -> Result<Vec<FileEntry>> {
        let inner = Arc::clone(&self.inner);
        blocking("write rollups", move || {
            let folder = inner.folder.join(&spec.name);
            inner.store.create_folder(&folder)?;
            let prefix = uuid::Uuid::now_v7().simple().to_string();
            let place = Place {
                spec: &spec,
                folder: &folder,
                store: &inner.store,
                prefix: &prefix,
                submission: None,
                max_file_rows: MAX_FILE_ROWS,
                threads,
                faults: &Faults::default(),
            };
            let rows = rows.iter().filter(|batch| batch.num_rows() > 0);
            let rows = rows.map(|batch| conform(&spec, &spec.schema, batch)).collect::<Result<Vec<_>>>()?;
            let mut files = Vec::new();
            if !rows.is_empty() {
                write_sorted(&place, &rows, &mut files, None)?;
            }
            Ok(files)
        })
        .await
    }

    /// Which of some files of a table have the bytes that the register says; the others are missing or damaged.
    pub async fn sound(&self, name: &str, files: &[FileEntry]) -> Vec<bool> {
        let inner = Arc::clone(&self.inner);
        let folder = inner.folder.join(name);
        let wanted: Vec<(PathBuf, String, u64)> =
            files.iter().map(|file| (folder.join(&file.path), file.sha256.clone(), file.size)).collect();
        let checked = blocking("check rollups", move || {
            Ok(wanted.iter().map(|(path, sha256, size)| inner.is_sound(path, sha256, *size)).collect())
        });
        checked.await.unwrap_or_else(|_| vec![false; files.len()])
    }

    /// Some files as a table that can be read.
    #[must_use]
    pub fn table(&self, spec: &TableSpec, files: Vec<FileEntry>) -> TableFiles {
        TableFiles {
            name: spec.name.clone(),
            version: 0,
            folder: self.inner.folder.join(&spec.name),
            schema: Arc::clone(&spec.schema),
            partition_columns: spec.partition_columns.clone(),
            store: self.inner.store.clone(),
            table_id: String::new(),
            files,
        }
    }

    /// Forget what is known of files, so that their bytes are looked at again.
    pub fn look_again(&self) {
        self.inner.sound.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Most rows of one derived file.
const MAX_FILE_ROWS: usize = 2_000_000;

impl Inner {
    fn is_sound(&self, path: &Path, sha256: &str, size: u64) -> bool {
        let known = || self.sound.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path.to_path_buf(), sha256.to_owned());
        if let Some(is_sound) = known().get(&key) {
            return *is_sound;
        }
        let is_sound = self.store.digest(path).is_ok_and(|found| found.0 == size && found.1 == sha256);
        known().insert(key, is_sound);
        is_sound
    }
}

fn register_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).join("register.json")
}
