//! The archive's folder: copied, counted on both sides, described, signed, named.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use chrono::{SecondsFormat, Utc};
use sha2::{Digest, Sha256};

use super::super::error::{LakeError, Result};
use super::super::fault::{Fault, Faults, FreezeStep};
use super::super::files::TableFiles;
use super::super::inject;
use super::super::snapshot::Snapshot;
use super::super::stats;
use super::super::store::durable;
use super::super::version::sha256_hex;
use super::error::FreezeError;
use super::manifest::{ArchivedFile, ArchivedTable, DataFile, MANIFEST, Manifest, SIGNATURE, SUMS};
use super::sign::Signer;
use super::totals::Totals;

/// The lake version's own file, in an archive.
pub(super) const VERSION: &str = "lake_version.json";

/// What an archive is made of.
pub(super) struct Copying {
    /// The lake version.
    pub(super) snapshot: Snapshot,
    /// Definitions of that version, by path.
    pub(super) definitions: BTreeMap<String, Vec<u8>>,
    /// The manifest so far: all but tables, files and root.
    pub(super) manifest: Manifest,
    /// Folder of all archives.
    pub(super) archives: PathBuf,
    /// Name of this one.
    pub(super) name: String,
    pub(super) signer: Option<Signer>,
    pub(super) faults: Faults,
}

impl Copying {
    /// Make the archive; its folder has its name only when everything in it is on disk.
    ///
    /// Returns the manifest and its SHA-256.
    pub(super) fn run(mut self) -> Result<(Manifest, String)> {
        let making = self.archives.join(format!("{}.making", self.name));
        if making.exists() {
            durable::remove_folder(&making)?;
        }
        durable::create_folder(&making)?;
        let mut files = Vec::new();
        let tables: Vec<_> = self.snapshot.tables().cloned().collect();
        for table in &tables {
            self.copy_table(table, &making, &mut files)?;
        }
        for (path, bytes) in &self.definitions {
            files.push(write(&making, &format!("definitions/{path}"), bytes)?);
        }
        files.push(write(&making, VERSION, &self.snapshot.version().to_bytes())?);
        self.faults.pass(Fault::Freeze(FreezeStep::Copied))?;
        for table in &tables {
            self.manifest.tables.push(recount(table, &making)?);
        }
        self.faults.pass(Fault::Freeze(FreezeStep::Counted))?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        self.manifest.files = files;
        self.manifest.merkle_root = self.manifest.root()?;
        let bytes = self.manifest.to_bytes()?;
        let sha256 = sha256_hex(&bytes);
        durable::replace(&making.join(MANIFEST), &bytes)?;
        self.faults.pass(Fault::Freeze(FreezeStep::Manifest))?;
        let mut sums = sum_line(&bytes, MANIFEST);
        if let Some(signer) = &self.signer {
            let signature = signer.sign(&bytes)?;
            durable::replace(&making.join(SIGNATURE), &signature)?;
            sums.push_str(&sum_line(&signature, SIGNATURE));
        }
        durable::replace(&making.join(SUMS), sums.as_bytes())?;
        self.faults.pass(Fault::Freeze(FreezeStep::Signed))?;
        seal(&making)?;
        self.faults.pass(Fault::Freeze(FreezeStep::Sealed))?;
        let target = self.archives.join(&self.name);
        durable::rename(&making, &target)?;
        durable::sync_folder(&self.archives)?;
        self.faults.pass(Fault::Freeze(FreezeStep::Named))?;
        Ok((self.manifest, sha256))
    }

    fn copy_table(&self, table: &TableFiles, making: &Path, files: &mut Vec<ArchivedFile>) -> Result<()> {
        for entry in &table.files {
            self.faults.pass(Fault::Freeze(FreezeStep::File(files.len())))?;
            let path = format!("{}/{}", table.name.replace('.', "/"), entry.path);
            let (from, to) = (table.folder.join(&entry.path), making.join(&path));
            durable::create_folder(to.parent().unwrap_or(making))?;
            self.faults.full(Fault::Freeze(FreezeStep::FileFull(files.len())), &to)?;
            let (size, sha256) = copy(&from, &to)?;
            if (size, &sha256) != (entry.size, &entry.sha256) {
                let problem = "its bytes are not those recorded when it landed".to_owned();
                return Err(FreezeError::Differs { path: from, problem }.into());
            }
            let data = DataFile {
                table: table.name.clone(),
                rows: entry.num_records,
                partition: entry.partition.clone(),
                sort: entry.sort_columns.clone(),
                modified_ms: entry.modified_ms,
                stats: stats::to_json(entry.num_records, &entry.ranges),
            };
            files.push(ArchivedFile { path, size, sha256, data: Some(data) });
        }
        Ok(())
    }
}

/// A file that is no data file; its folder is synced when the archive is sealed.
fn write(making: &Path, path: &str, bytes: &[u8]) -> Result<ArchivedFile> {
    let to = making.join(path);
    durable::create_folder(to.parent().unwrap_or(making))?;
    let write = || {
        let mut file = File::create(&to)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    let written = inject::step("write", &to, write);
    written.map_err(LakeError::io("write", &to))?;
    let size = bytes.len() as u64;
    Ok(ArchivedFile { path: path.to_owned(), size, sha256: sha256_hex(bytes), data: None })
}

/// A line of `SHA256SUMS`.
pub(super) fn sum_line(bytes: &[u8], name: &str) -> String {
    format!("{}  {name}\n", sha256_hex(bytes))
}

/// Count a table in the lake and in the archive; both must agree with each other and with the log.
fn recount(table: &TableFiles, making: &Path) -> Result<ArchivedTable> {
    let (mut there, mut here) = (Totals::default(), Totals::default());
    let copied = making.join(table.name.replace('.', "/"));
    for entry in &table.files {
        there.add(&table.folder.join(&entry.path), &entry.partition)?;
        let copy = copied.join(&entry.path);
        here.add(&copy, &entry.partition)?;
        // Read back: what was handed to the disk need not be what it holds.
        let found = hash(&copy)?;
        if found != entry.sha256 {
            let problem = "the copy does not read back as it was written".to_owned();
            return Err(FreezeError::Differs { path: copy, problem }.into());
        }
    }
    if there != here || here.rows() != table.row_count() {
        let problem = format!(
            "{} rows in its log, {} counted in the lake, {} in the copy, or control totals differ",
            table.row_count(),
            there.rows(),
            here.rows()
        );
        return Err(FreezeError::Differs { path: copied, problem }.into());
    }
    let column = |field: &datafusion::arrow::datatypes::FieldRef| {
        [field.name().clone(), field.data_type().to_string()]
    };
    Ok(ArchivedTable {
        name: table.name.clone(),
        delta_version: table.version,
        rows: here.rows(),
        columns: table.schema.fields().iter().map(column).collect(),
        partition_columns: table.partition_columns.clone(),
        totals: here.to_manifest(),
    })
}

/// Copy a file, synced; its size and SHA-256.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(u64, String)> {
    let mut source = File::open(from).map_err(LakeError::io("open", from))?;
    let mut target =
        inject::step("create", to, || durable::making(to).open(to)).map_err(LakeError::io("create", to))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut size = 0;
    loop {
        let read = source.read(&mut buffer).map_err(LakeError::io("read", from))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        let write = || target.write_all(&buffer[..read]);
        inject::step("write", to, write).map_err(LakeError::io("write", to))?;
        size += read as u64;
    }
    inject::step("sync", to, || target.sync_all()).map_err(LakeError::io("sync", to))?;
    Ok((size, hex::encode(hasher.finalize())))
}

/// SHA-256 of a file, hex.
pub(super) fn hash(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(LakeError::io("open", path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer).map_err(LakeError::io("read", path))? {
            0 => return Ok(hex::encode(hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// Sync every folder and take the right to write from every file.
fn seal(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(LakeError::io("list", folder))? {
        let path = entry.map_err(LakeError::io("list", folder))?.path();
        let metadata = std::fs::symlink_metadata(&path).map_err(LakeError::io("read", &path))?;
        if metadata.is_dir() {
            seal(&path)?;
            continue;
        }
        let mut permissions = metadata.permissions();
        permissions.set_readonly(true);
        let protect = || std::fs::set_permissions(&path, permissions);
        inject::step("protect", &path, protect).map_err(LakeError::io("protect", &path))?;
    }
    durable::sync_folder(folder)
}

/// The time of making, as the manifest has it.
pub(super) fn time(at: chrono::DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
