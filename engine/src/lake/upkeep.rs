//! Upkeep: the same rows in fewer files, while submissions go on.
//!
//! Data files never change, so merged files are written beside whoever is landing, without the writer's
//! lock; the lock is held for the commit alone. Of what was merged from a file that a landing has replaced
//! meanwhile nothing is used.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::json;

use super::compact;
use super::error::Result;
use super::fault::Faults;
use super::files::{FileEntry, TableFiles};
use super::lake::{Lake, blocking};
use super::land::TableChange;
use super::snapshot::Snapshot;
use super::stage::Place;
use super::supersede::{Change, Made};
use super::version::LakeVersion;
use super::writer::{Core, Writer, WriterOptions, whole};

/// Small files of one partition whose rows fit into one file.
#[derive(Debug, Clone)]
pub struct MergeGroup {
    table: Arc<TableFiles>,
    files: Vec<FileEntry>,
    lake_version: u64,
}

/// The files that a group was merged into; nothing names them until [`Writer::adopt`], and dropping
/// them deletes them.
#[derive(Debug)]
pub struct MergedFiles {
    group: MergeGroup,
    change: Change,
}

impl MergeGroup {
    /// `raw.s1_pupil`.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table.name
    }

    /// Values of the partition columns.
    #[must_use]
    pub fn partition(&self) -> &[i32] {
        self.files.first().map_or(&[], |file| &file.partition)
    }

    /// Files to be merged.
    #[must_use]
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    /// Their rows.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.files.iter().map(|file| file.num_records).sum()
    }
}

impl MergedFiles {
    /// What was merged.
    #[must_use]
    pub fn group(&self) -> &MergeGroup {
        &self.group
    }

    /// Files it became.
    #[must_use]
    pub fn file_count(&self) -> usize {
        self.change.add.len()
    }
}

impl Snapshot {
    /// The groups of small files of every table, in the order of tables, partitions and organisations.
    ///
    /// A file is small with less than half of `max_file_rows`. Merging all groups leaves at most one small
    /// file in a partition, so that doing it again finds nothing.
    #[must_use]
    pub fn merge_groups(&self, max_file_rows: usize) -> Vec<MergeGroup> {
        let most = max_file_rows as u64;
        let mut groups = Vec::new();
        for table in self.tables() {
            let spec = table.spec();
            let mut partitions: BTreeMap<&[i32], Vec<&FileEntry>> = BTreeMap::new();
            for file in table.files.iter().filter(|file| file.num_records < most / 2) {
                partitions.entry(&file.partition).or_default().push(file);
            }
            for mut files in partitions.into_values() {
                // Neighbours go together, so that a file holds few organisations of many others' range.
                files.sort_by(|left, right| {
                    compact::by_lower_bound(&spec, left, right).then_with(|| left.path.cmp(&right.path))
                });
                let mut open: Vec<FileEntry> = Vec::new();
                let mut rows = 0;
                let mut close = |files: &mut Vec<FileEntry>| {
                    let files = std::mem::take(files);
                    if files.len() > 1 {
                        let (table, lake_version) = (Arc::clone(table), self.number());
                        groups.push(MergeGroup { table, files, lake_version });
                    }
                };
                for file in files {
                    if rows + file.num_records > most {
                        close(&mut open);
                        rows = 0;
                    }
                    rows += file.num_records;
                    open.push(file.clone());
                }
                close(&mut open);
            }
        }
        groups
    }
}

impl Lake {
    /// Write the rows of a group into one file; memory holds the group's rows.
    ///
    /// # Errors
    /// [`super::LakeError::Damaged`] when a file of the group is not what was written, [`super::LakeError::Io`].
    pub async fn merge(&self, group: MergeGroup, options: &WriterOptions) -> Result<MergedFiles> {
        let (threads, max_file_rows) = (options.threads, options.max_file_rows);
        let faults = Faults::new(options.fault);
        blocking("merge small files", move || {
            let spec = group.table.spec();
            // A name that nobody else gives, on whatever machine.
            let prefix = format!("u{:08}-{}", group.lake_version, uuid::Uuid::now_v7().simple());
            let place = Place {
                spec: &spec,
                folder: &group.table.folder,
                store: &group.table.store,
                prefix: &prefix,
                submission: None,
                max_file_rows,
                threads,
                faults: &faults,
            };
            let mut change = Change { made: Made::new(&group.table.store), ..Change::default() };
            compact::merge(&spec, &group.table, &group.files, &place, &mut change)?;
            Ok(MergedFiles { group, change })
        })
        .await
    }
}

impl Writer {
    /// Put merged files in the place of those that they were merged from, in one commit that changes no row;
    /// the answer says for each whether it was used.
    ///
    /// # Errors
    /// [`super::archive::FreezeError::Suspended`] within a suspension, else as [`Writer::land`].
    pub async fn adopt(&self, merged: Vec<MergedFiles>) -> Result<(LakeVersion, Vec<bool>)> {
        let core = Arc::clone(&self.core);
        whole(async move { core.adopt(merged).await }).await
    }
}

impl Core {
    async fn adopt(&self, merged: Vec<MergedFiles>) -> Result<(LakeVersion, Vec<bool>)> {
        let mut state = self.state.lock().await;
        self.settle(&mut state).await?;
        let current = &state.current.version;
        self.lake.history(current).await?.check_open(self.now().max(current.created_at))?;
        let version = current.version + 1;
        let mut used = Vec::with_capacity(merged.len());
        let mut changes: BTreeMap<String, TableChange> = BTreeMap::new();
        for MergedFiles { group, mut change } in merged {
            let name = &group.table.name;
            let base = match current.tables.get(name) {
                Some(at) => self.lake.table(name, *at).await?,
                None => Arc::clone(&group.table),
            };
            let live: HashSet<&str> = base.files.iter().map(|file| file.path.as_str()).collect();
            // Columns that the form gained meanwhile are not in the merged files' statistics.
            let is_used = base.schema == group.table.schema
                && group.files.iter().all(|file| live.contains(file.path.as_str()));
            used.push(is_used);
            if !is_used {
                continue;
            }
            let whole = changes.entry(name.clone()).or_insert_with(|| TableChange {
                spec: Arc::new(base.spec()),
                base: Some(Arc::clone(&base)),
                change: Change { made: Made::new(&base.store), ..Change::default() },
                data_change: false,
                info: json!({}),
            });
            whole.change.add.append(&mut change.add);
            whole.change.remove.extend(group.files);
            whole.change.made.take(&mut change.made);
            whole.info = json!({"lakeVersion": version, "merged": whole.change.remove.len()});
        }
        if !changes.is_empty() {
            self.commit(&mut state, changes.into_values().collect(), Vec::new(), Vec::new(), Vec::new())
                .await?;
        }
        Ok((state.current.version.clone(), used))
    }
}
