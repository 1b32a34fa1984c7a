//! An archive as a lake version, for reading: the same tables, from its own files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema};

use super::super::error::{LakeError, Result};
use super::super::files::{FileEntry, TableFiles};
use super::super::snapshot::Snapshot;
use super::super::stats;
use super::super::store::Store;
use super::super::version::{LakeVersion, sha256_hex};
use super::copy::VERSION;
use super::error::FreezeError;
use super::events::{FreezeEvent, History};
use super::manifest::{ArchivedTable, MANIFEST, Manifest};

/// An archive that a lake version knows of; nothing of it is read before it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRef {
    /// Reporting year.
    pub year: i32,
    /// `2024`, `2024-addendum-1`.
    pub name: String,
    /// Lake version that it holds.
    pub lake_version: u64,
    folder: PathBuf,
    manifest_sha256: String,
}

impl ArchiveRef {
    /// The archives of a history, oldest first.
    pub(in super::super) fn of(history: &History, archives: &Path) -> Vec<Self> {
        let archive = |event: &FreezeEvent| {
            let name = event.archive.clone()?;
            Some(Self {
                year: event.year,
                folder: archives.join(&name),
                name,
                lake_version: event.lake_version?,
                manifest_sha256: event.manifest_sha256.clone()?,
            })
        };
        history.archives().filter_map(archive).collect()
    }

    /// Name of its catalog: `archive_2024`, `archive_2024_addendum_1`.
    #[must_use]
    pub fn catalog(&self) -> String {
        format!("archive_{}", self.name.replace('-', "_"))
    }

    /// SHA-256 of its manifest, as the ledger has it.
    #[must_use]
    pub fn manifest_sha256(&self) -> &str {
        &self.manifest_sha256
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Read the manifest, which must be the one recorded: the tables as a snapshot, and the definitions.
    ///
    /// Data files are not read, and not hashed: that is for [`super::verify_archive`].
    ///
    /// # Errors
    /// [`FreezeError::Unsound`] or [`LakeError::Io`] naming the file.
    pub fn open(&self) -> Result<(Snapshot, BTreeMap<String, Vec<u8>>)> {
        let (manifest, sha256) = Manifest::read(&self.folder)?;
        let unsound =
            |path: PathBuf, problem: &str| FreezeError::Unsound { path, problem: problem.to_owned() };
        if sha256 != self.manifest_sha256 {
            return Err(
                unsound(self.folder.join(MANIFEST), "it is not the manifest that the lake recorded").into()
            );
        }
        let mut definitions = BTreeMap::new();
        let mut version = None;
        for file in manifest.files.iter().filter(|file| file.data.is_none()) {
            let path = self.folder.join(&file.path);
            let bytes = std::fs::read(&path).map_err(LakeError::io("read", &path))?;
            if sha256_hex(&bytes) != file.sha256 {
                return Err(unsound(path, "its SHA-256 is not the one in the manifest").into());
            }
            if let Some(name) = file.path.strip_prefix("definitions/") {
                definitions.insert(name.to_owned(), bytes);
            } else if file.path == VERSION {
                version = serde_json::from_slice::<LakeVersion>(&bytes).ok();
            }
        }
        let version = version.ok_or_else(|| unsound(self.folder.join(VERSION), "it is no lake version"))?;
        let mut tables = Vec::new();
        for table in &manifest.tables {
            tables.push(Arc::new(self.table(&manifest, table)?));
        }
        let events = tables.iter().find(|table| table.name == "gov.freeze_event");
        let history = events.map_or_else(|| Ok(History::default()), |table| History::read(table))?;
        let archives = self.folder.parent().unwrap_or(&self.folder).to_path_buf();
        let sha256 = manifest.lake_version_sha256.clone();
        let snapshot = Snapshot::new(version, sha256, tables, Arc::new(history), archives, None);
        Ok((snapshot.of_fixing(self.year), definitions))
    }

    fn table(&self, manifest: &Manifest, table: &ArchivedTable) -> Result<TableFiles> {
        let unsound = |problem: String| FreezeError::Unsound { path: self.folder.join(MANIFEST), problem };
        let mut fields = Vec::new();
        for [name, data_type] in &table.columns {
            let data_type = DataType::from_str(data_type)
                .map_err(|error| unsound(format!("column {name} of {}: {error}", table.name)))?;
            fields.push(Field::new(name, data_type, true));
        }
        let schema = Arc::new(Schema::new(fields));
        let below = table.name.replace('.', "/");
        let prefix = format!("{below}/");
        let mut files = Vec::new();
        for file in &manifest.files {
            let Some(data) = file.data.as_ref().filter(|data| data.table == table.name) else { continue };
            let path = file.path.strip_prefix(&prefix);
            let path =
                path.ok_or_else(|| unsound(format!("{} is not in the folder of its table", file.path)))?;
            let (rows, mut ranges) = stats::from_json(&data.stats, &schema)
                .ok_or_else(|| unsound(format!("the statistics of {} cannot be read", file.path)))?;
            table.partition_columns.iter().for_each(|column| drop(ranges.remove(column)));
            files.push(FileEntry {
                path: path.to_owned(),
                size: file.size,
                modified_ms: data.modified_ms,
                partition: data.partition.clone(),
                num_records: rows,
                ranges,
                sha256: file.sha256.clone(),
                sort_columns: data.sort.clone(),
            });
        }
        Ok(TableFiles {
            name: table.name.clone(),
            version: table.delta_version,
            folder: self.folder.join(below),
            schema,
            partition_columns: table.partition_columns.clone(),
            store: Store::Local,
            table_id: String::new(),
            files,
        })
    }
}
