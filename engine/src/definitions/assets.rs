//! The files of `datasets/` and `sql/`, wherever they come from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "datasets"]
#[exclude = "fixtures/*"]
struct Datasets;

#[derive(RustEmbed)]
#[folder = "sql"]
#[exclude = "*.slt"]
struct Sql;

/// A definition file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// A file is not UTF-8.
    #[error("definition {path} is not UTF-8")]
    NotUtf8 {
        /// Path below the checkout.
        path: String,
        /// Where decoding stopped.
        #[source]
        source: std::str::Utf8Error,
    },
    /// A TOML file does not have the expected shape.
    #[error("definition {path} cannot be parsed")]
    Toml {
        /// Path below the checkout.
        path: String,
        /// What the parser says.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A file contradicts itself or another.
    #[error("definition {path}: {message}")]
    Inconsistent {
        /// Path below the checkout.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// A file that must exist is absent.
    #[error("definition {path} is missing")]
    Missing {
        /// Path below the checkout.
        path: String,
    },
    /// A folder of definitions cannot be read.
    #[error("cannot read definitions in {path}")]
    Read {
        /// The folder or file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Definition files by path below the checkout (`datasets/forms/s1_pupil.toml`), ordered.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    files: BTreeMap<String, Cow<'static, [u8]>>,
    /// Taken once, when somebody asks; the files never change.
    hash: OnceLock<String>,
}

impl Assets {
    /// The files of this build: embedded in a release, read from the checkout in development.
    #[must_use]
    pub fn built_in() -> Self {
        let mut files = BTreeMap::new();
        for path in Datasets::iter() {
            if let Some(file) = Datasets::get(&path) {
                files.insert(format!("datasets/{path}"), file.data);
            }
        }
        for path in Sql::iter() {
            if let Some(file) = Sql::get(&path) {
                files.insert(format!("sql/{path}"), file.data);
            }
        }
        files.retain(|path, _| is_definition(path));
        Self { files, hash: OnceLock::new() }
    }

    /// The files below a folder that holds `datasets/` and `sql/`.
    ///
    /// # Errors
    /// [`DefinitionError::Read`] when the folder or a file cannot be read.
    pub fn from_dir(root: &Path) -> Result<Self, DefinitionError> {
        let mut files = BTreeMap::new();
        let mut folders = vec![root.join("datasets"), root.join("sql")];
        while let Some(folder) = folders.pop() {
            let read = |source| DefinitionError::Read { path: folder.display().to_string(), source };
            for entry in std::fs::read_dir(&folder).map_err(read)? {
                let path = entry.map_err(read)?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let Ok(below) = path.strip_prefix(root) else { continue };
                let key = below.to_string_lossy().replace('\\', "/");
                if is_definition(&key) {
                    files.insert(key, Cow::Owned(std::fs::read(&path).map_err(read)?));
                }
            }
        }
        Ok(Self { files, hash: OnceLock::new() })
    }

    /// Files from a map, as a lake keeps them.
    #[must_use]
    pub fn from_map(files: BTreeMap<String, Vec<u8>>) -> Self {
        let files = files.into_iter().map(|(path, bytes)| (path, Cow::Owned(bytes))).collect();
        Self { files, hash: OnceLock::new() }
    }

    /// Every file, ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_ref()))
    }

    /// The files whose path starts with `prefix`, ordered.
    pub fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.iter().filter(move |(path, _)| path.starts_with(prefix))
    }

    /// The files with this ending below `prefix`, ordered.
    pub fn of_kind<'a>(
        &'a self,
        prefix: &'a str,
        ending: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.under(prefix).filter(move |(path, _)| Path::new(path).extension().is_some_and(|e| e == ending))
    }

    /// One file as text.
    ///
    /// # Errors
    /// [`DefinitionError::Missing`] or [`DefinitionError::NotUtf8`].
    pub fn text(&self, path: &str) -> Result<&str, DefinitionError> {
        let bytes = self.files.get(path).ok_or_else(|| DefinitionError::Missing { path: path.to_owned() })?;
        text(path, bytes)
    }

    /// SHA-256 over all paths and contents, in hex: the name of this set of definitions.
    #[must_use]
    pub fn hash(&self) -> String {
        let hash = || {
            let mut hasher = Sha256::new();
            for (path, bytes) in self.iter() {
                hasher.update((path.len() as u64).to_le_bytes());
                hasher.update(path.as_bytes());
                hasher.update((bytes.len() as u64).to_le_bytes());
                hasher.update(bytes);
            }
            hex::encode(hasher.finalize())
        };
        self.hash.get_or_init(hash).clone()
    }
}

/// Bytes of a definition as text.
pub(super) fn text<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, DefinitionError> {
    std::str::from_utf8(bytes).map_err(|source| DefinitionError::NotUtf8 { path: path.to_owned(), source })
}

/// Fixtures and tests lie beside the definitions but are none.
fn is_definition(path: &str) -> bool {
    let is_kind = Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "toml" || ending == "csv" || ending == "sql");
    is_kind && !path.starts_with("datasets/fixtures/")
}
