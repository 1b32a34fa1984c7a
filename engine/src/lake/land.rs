//! Landing a batch: plan, decide, carry out. The protocol stands in the module's head.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use serde_json::{Value, json};

use super::compact;
use super::confirmation::{self, Confirmation, Used};
use super::delta::{self, Commit};
use super::error::{LakeError, Result};
use super::fault::Fault;
use super::files::{FileEntry, TableFiles};
use super::gov::{self, Known};
use super::lake::blocking;
use super::landing::{Landing, Outcome, Receipt};
use super::lease::Lease;
use super::ledger;
use super::pending::{Entry, Pending};
use super::spec::TableSpec;
use super::stage::{self, Place, StageJob, StagedFiles};
use super::supersede::{self, Change, Made, Rewriting};
use super::version::{LakeVersion, Stored, sha256_hex, to_millis};
use super::writer::Core;

/// So many small files in a partition are worth merging after a landing.
const MERGE_AT: usize = 64;

#[derive(Debug)]
pub(super) struct State {
    pub(super) current: Arc<Stored>,
    pub(super) known: Known,
    pub(super) used: Used,
    pub(super) definitions: Option<String>,
    /// Decided, but an error came between; finished before anything else.
    pub(super) unfinished: Option<Batch>,
}

/// A decided batch and what the writer knows once it is published.
#[derive(Debug)]
pub(super) struct Batch {
    pending: Pending,
    /// False while it is not known whether the decision was stored.
    is_decided: bool,
    stored: Arc<Stored>,
    tables: Vec<Arc<TableFiles>>,
    receipts: Vec<Receipt>,
    confirmations: Vec<(i64, Box<Confirmation>)>,
}

/// The change of one table in a batch.
pub(super) struct TableChange {
    pub(super) spec: Arc<TableSpec>,
    pub(super) base: Option<Arc<TableFiles>>,
    pub(super) change: Change,
    pub(super) data_change: bool,
    pub(super) info: Value,
}

impl Core {
    pub(super) async fn land(&self, landings: Vec<Landing>) -> Result<Vec<Receipt>> {
        let mut state = self.state.lock().await;
        self.settle(&mut state).await?;
        if !landings.is_empty() {
            // In the commit itself, so that no writer that began before a suspension ends within it.
            let history = self.lake.history(&state.current.version).await?;
            history.check_open(self.now().max(state.current.version.created_at))?;
        }
        let version = state.current.version.version + 1;
        let mut receipts: Vec<Receipt> = Vec::with_capacity(landings.len());
        let mut entered: Vec<(Landing, usize)> = Vec::new();
        let mut batch_known: HashMap<gov::Content, usize> = HashMap::new();
        let mut confirmations: Vec<(i64, Box<Confirmation>)> = Vec::new();
        for mut landing in landings {
            let confirmation = landing.confirmation.take().filter(|_| landing.outcome == Outcome::Accepted);
            if let Some(confirmation) = &confirmation {
                let mut batch = Used::default();
                for (number, earlier) in &confirmations {
                    batch.add(*number, earlier);
                }
                let used = state.used.elsewhere(confirmation).or_else(|| batch.elsewhere(confirmation));
                if let Some(used) = used {
                    let (file_name, submission) = (landing.file_name, used.submission);
                    return Err(LakeError::SignatureUsed { file_name, submission });
                }
            }
            let content = gov::content(&landing.form, landing.year, &landing.content_sha256);
            let is_accepted = landing.outcome == Outcome::Accepted;
            if is_accepted && landing.staged.is_none() {
                return Err(LakeError::NothingStaged { form: landing.form, file_name: landing.file_name });
            }
            if let Some(earlier) = state.known.get(&content).filter(|_| is_accepted) {
                // The head may sign what landed before; the same signature again adds nothing.
                let new = confirmation.filter(|confirmation| !state.used.holds(confirmation));
                confirmations.extend(new.map(|confirmation| (earlier.submission, confirmation)));
                receipts.push(Receipt { is_repeat: true, ..earlier.clone() });
                continue;
            }
            if let Some(position) = batch_known.get(&content).filter(|_| is_accepted) {
                confirmations
                    .extend(confirmation.map(|confirmation| (receipts[*position].submission, confirmation)));
                receipts.push(Receipt { is_repeat: true, ..receipts[*position].clone() });
                continue;
            }
            let submission = match (&landing.staged, is_accepted) {
                (Some(staged), true) => staged.number,
                _ => self.next_number.fetch_add(1, Ordering::Relaxed),
            };
            confirmations.extend(confirmation.map(|confirmation| (submission, confirmation)));
            if is_accepted {
                batch_known.insert(content, receipts.len());
            }
            let position = receipts.len();
            receipts.push(Receipt {
                submission,
                form: landing.form.clone(),
                year: landing.year,
                content_sha256: landing.content_sha256.to_ascii_lowercase(),
                outcome: landing.outcome,
                row_count: landing.row_count,
                superseded_row_count: 0,
                lake_version: version,
                is_repeat: false,
            });
            if !is_accepted {
                landing.staged = None;
            }
            entered.push((landing, position));
        }
        if entered.is_empty() && confirmations.is_empty() {
            return Ok(receipts);
        }
        let (mut changes, entered) = self.plan(&state, version, entered, &mut receipts).await?;
        changes.extend(self.confirm(&state, version, &confirmations).await?);
        self.commit(&mut state, changes, entered, receipts.clone(), confirmations).await?;
        // The landing stands whether or not this succeeds; what it decided, the next batch finishes.
        let _ = self.merge(&mut state, MERGE_AT).await;
        Ok(receipts)
    }

    /// Keep the proofs of confirmations and write their rows.
    async fn confirm(
        &self,
        state: &State,
        version: u64,
        confirmations: &[(i64, Box<Confirmation>)],
    ) -> Result<Option<TableChange>> {
        if confirmations.is_empty() {
            return Ok(None);
        }
        let job = self
            .stage_job(Arc::new(ledger::confirmation_event()), i64::try_from(version).unwrap_or(i64::MAX));
        let base = match state.current.version.tables.get(&job.spec.name) {
            Some(at) => Some(self.lake.table(&job.spec.name, *at).await?),
            None => None,
        };
        let (layout, entered) = (self.lake.layout().clone(), confirmations.to_vec());
        blocking("keep signatures", move || {
            for (_, confirmation) in &entered {
                confirmation::keep(&layout, confirmation)?;
            }
            let rows: Vec<(i64, u64, &Confirmation)> =
                entered.iter().map(|(submission, one)| (*submission, version, one.as_ref())).collect();
            let batch = confirmation::rows(&job.spec, &rows)?;
            append(job, &batch, base, version)
        })
        .await
    }

    /// Add rows to tables of the ledger, all in one lake version.
    pub(super) async fn record(&self, rows: Vec<(TableSpec, RecordBatch)>) -> Result<LakeVersion> {
        let mut state = self.state.lock().await;
        self.settle(&mut state).await?;
        let version = state.current.version.version + 1;
        let number = i64::try_from(version).unwrap_or(i64::MAX);
        // One commit a table and version: rows of the same table go together.
        let mut tables: BTreeMap<String, (TableSpec, Vec<RecordBatch>)> = BTreeMap::new();
        for (spec, batch) in rows {
            tables.entry(spec.name.clone()).or_insert_with(|| (spec, Vec::new())).1.push(batch);
        }
        let mut changes = Vec::new();
        for (name, (spec, batches)) in tables {
            let batch = concat_batches(&spec.schema, &batches).map_err(LakeError::arrow(&name))?;
            let base = match state.current.version.tables.get(&spec.name) {
                Some(at) => Some(self.lake.table(&spec.name, *at).await?),
                None => None,
            };
            let job = self.stage_job(Arc::new(spec), number);
            changes.extend(blocking("write data files", move || append(job, &batch, base, version)).await?);
        }
        if !changes.is_empty() {
            self.commit(&mut state, changes, Vec::new(), Vec::new(), Vec::new()).await?;
            let _ = self.merge(&mut state, MERGE_AT).await;
        }
        Ok(state.current.version.clone())
    }

    pub(super) async fn publish(&self) -> Result<LakeVersion> {
        let mut state = self.state.lock().await;
        self.settle(&mut state).await?;
        if state.definitions != state.current.version.definitions {
            self.commit(&mut state, Vec::new(), Vec::new(), Vec::new(), Vec::new()).await?;
        }
        Ok(state.current.version.clone())
    }

    pub(super) async fn merge_small_files(&self, least: usize) -> Result<LakeVersion> {
        let mut state = self.state.lock().await;
        self.settle(&mut state).await?;
        self.merge(&mut state, least).await?;
        Ok(state.current.version.clone())
    }

    async fn merge(&self, state: &mut State, least: usize) -> Result<()> {
        let current = &state.current.version;
        let version = current.version + 1;
        let mut changes = Vec::new();
        for (name, at) in &current.tables {
            let table = self.lake.table(name, *at).await?;
            let mut smalls: HashMap<&[i32], usize> = HashMap::new();
            table.files.iter().for_each(|file| *smalls.entry(&file.partition).or_default() += 1);
            if smalls.values().all(|count| *count < least.max(2)) {
                continue;
            }
            let spec = Arc::new(table.spec());
            let (job, files) = (self.stage_job(Arc::clone(&spec), 0), Arc::clone(&table));
            let change = blocking("merge small files", move || {
                let prefix = format!("v{version:08}{}", job.stamp);
                let place = Place {
                    spec: &job.spec,
                    folder: &job.folder,
                    store: &job.store,
                    prefix: &prefix,
                    submission: None,
                    max_file_rows: job.limits.max_file_rows,
                    threads: job.limits.threads,
                    faults: &job.faults,
                };
                compact::plan(&job.spec, &files, least, &place)
            })
            .await?;
            if let Some(change) = change {
                let info = json!({"lakeVersion": version, "merged": change.remove.len()});
                changes.push(TableChange { spec, base: Some(table), change, data_change: false, info });
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.commit(state, changes, Vec::new(), Vec::new(), Vec::new()).await
    }

    /// Write every data file of the batch and say what each table's commit will be.
    async fn plan(
        &self,
        state: &State,
        version: u64,
        entered: Vec<(Landing, usize)>,
        receipts: &mut [Receipt],
    ) -> Result<(Vec<TableChange>, Vec<Landing>)> {
        let current = &state.current.version;
        let mut bases: HashMap<String, Arc<TableFiles>> = HashMap::new();
        let touched =
            entered.iter().filter_map(|(landing, _)| landing.staged.as_ref()).map(|s| s.spec.name.clone());
        let ledger = ["gov.submission", "gov.finding", "gov.scope"].map(str::to_owned);
        for name in touched.chain(ledger) {
            if let Some(at) = current.tables.get(&name) {
                bases.insert(name.clone(), self.lake.table(&name, *at).await?);
            }
        }
        let layout = self.lake.layout().clone();
        let (threads, faults, stamp) = (self.options.threads, self.faults.clone(), self.stamp());
        let definitions = state.definitions.clone();
        let jobs = [ledger::submission(), ledger::finding(), ledger::scope()]
            .map(|spec| self.stage_job(Arc::new(spec), i64::try_from(version).unwrap_or(i64::MAX)));
        let mut told = receipts.to_vec();
        let (changes, landings, told) = blocking("write data files", move || {
            let mut changes = Vec::new();
            let mut tables: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (index, (landing, _)) in entered.iter().enumerate() {
                if let Some(staged) = &landing.staged {
                    tables.entry(staged.spec.name.clone()).or_default().push(index);
                }
            }
            for (name, indices) in tables {
                let staged: Vec<&StagedFiles> =
                    indices.iter().filter_map(|index| entered[*index].0.staged.as_ref()).collect();
                // The newest form decides; all of one process have the same.
                let Some(spec) = staged.last().map(|staged| Arc::clone(&staged.spec)) else { continue };
                let base = bases.get(&name).cloned();
                let folder = layout.table(&name);
                let rewriting = Rewriting {
                    lake_version: version,
                    stamp: &stamp,
                    folder: &folder,
                    store: layout.store(),
                    threads,
                    faults: &faults,
                };
                let change = supersede::plan(&spec, base.as_deref(), &staged, rewriting)?;
                for (index, rows) in indices.iter().zip(&change.superseded) {
                    told[entered[*index].1].superseded_row_count = *rows;
                }
                let info = describe(version, indices.iter().map(|index| &entered[*index].0), &staged);
                changes.push(TableChange { spec, base, change, data_change: true, info });
            }
            let rows: Vec<(&Landing, &Receipt)> =
                entered.iter().map(|(landing, position)| (landing, &told[*position])).collect();
            let [submission, finding, scope] = jobs;
            let batches = [
                gov::submissions(&submission.spec, &rows, definitions.as_deref())?,
                gov::findings(&finding.spec, &rows)?,
                gov::scopes(&scope.spec, &rows)?,
            ];
            for (job, batch) in [submission, finding, scope].into_iter().zip(batches) {
                let base = bases.get(&job.spec.name).cloned();
                changes.extend(append(job, &batch, base, version)?);
            }
            let landings = entered.into_iter().map(|(landing, _)| landing).collect();
            Ok((changes, landings, told))
        })
        .await?;
        receipts.clone_from_slice(&told);
        Ok((changes, landings))
    }

    /// Decide the batch and carry it out.
    pub(super) async fn commit(
        &self,
        state: &mut State,
        changes: Vec<TableChange>,
        mut landings: Vec<Landing>,
        receipts: Vec<Receipt>,
        confirmations: Vec<(i64, Box<Confirmation>)>,
    ) -> Result<()> {
        let (mut batch, made) = self.prepare(state, changes, receipts)?;
        batch.confirmations = confirmations;
        self.faults.pass(Fault::BeforePending)?;
        self.confirm_lease().await?;
        batch.is_decided = self.decide(&batch.pending).await?;
        // From here on the files belong to the lake, whatever happens.
        for made in made {
            let mut made = made;
            made.keep();
        }
        let live: HashSet<_> = batch
            .tables
            .iter()
            .flat_map(|table| table.files.iter().map(|file| table.folder.join(&file.path)))
            .collect();
        let mut useless = Vec::new();
        for staged in landings.iter_mut().filter_map(|landing| landing.staged.as_mut()) {
            staged.keep();
            let paths = staged.files.iter().map(|file| staged.folder.join(&file.path));
            useless.extend(paths.filter(|path| !live.contains(path)));
        }
        state.unfinished = Some(batch);
        let settled = match self.faults.pass(Fault::AfterPending) {
            Ok(()) => self.settle(state).await,
            Err(error) => Err(error),
        };
        match settled {
            Ok(()) => {}
            Err(error @ LakeError::Planted { .. }) => return Err(error),
            Err(error) => {
                let version = state.current.version.version + 1;
                return Err(LakeError::Unconfirmed { version, source: Box::new(error) });
            }
        }
        // Superseded within the batch: no version ever names them.
        for path in useless {
            let _ = self.lake.layout().store().remove(&path);
        }
        Ok(())
    }

    /// The bytes of the batch, and the tables as they will be.
    fn prepare(
        &self,
        state: &State,
        changes: Vec<TableChange>,
        receipts: Vec<Receipt>,
    ) -> Result<(Batch, Vec<Made>)> {
        let current = &state.current.version;
        let version = current.version + 1;
        let now = to_millis(self.now()).max(current.created_at);
        let mut next = LakeVersion {
            version,
            created_at: now,
            tables: current.tables.clone(),
            commits: BTreeMap::new(),
            definitions: state.definitions.clone(),
            ledger: self.next_number.load(Ordering::Relaxed) - 1,
            parent: Some(state.current.sha256.clone()),
            checksum: String::new(),
        };
        let (mut entries, mut tables, mut made) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            let TableChange { spec, base, change, data_change, info } = change;
            let Change { add, remove, made: files, .. } = change;
            let commit = Commit {
                spec: &spec,
                base: base.as_deref(),
                add: &add,
                remove: &remove,
                data_change,
                lake_version: version,
                info,
                now,
            };
            let text = commit.to_text()?;
            next.tables.insert(spec.name.clone(), commit.version());
            next.commits.insert(spec.name.clone(), sha256_hex(text.as_bytes()));
            tables.push(Arc::new(self.after(&commit, base.as_deref(), &add, &remove)?));
            entries.push(Entry { table: spec.name.clone(), version: commit.version(), text });
            made.push(files);
        }
        let next = next.sealed();
        let snapshot = next.to_bytes();
        let sha256 = sha256_hex(&snapshot);
        let epoch = self.lock.lease().map(Lease::epoch);
        let snapshot = String::from_utf8_lossy(&snapshot).into_owned();
        let pending = Pending { version, epoch, snapshot, entries };
        let stored = Arc::new(Stored { version: next, sha256 });
        let confirmations = Vec::new();
        Ok((Batch { pending, is_decided: false, stored, tables, receipts, confirmations }, made))
    }

    fn after(
        &self,
        commit: &Commit<'_>,
        base: Option<&TableFiles>,
        add: &[FileEntry],
        remove: &[FileEntry],
    ) -> Result<TableFiles> {
        let gone: HashSet<&str> = remove.iter().map(|file| file.path.as_str()).collect();
        let kept = base.iter().flat_map(|base| &base.files).filter(|file| !gone.contains(file.path.as_str()));
        let mut files: Vec<FileEntry> = kept.chain(add).cloned().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(TableFiles {
            name: commit.spec.name.clone(),
            version: commit.version(),
            folder: self.lake.layout().table(&commit.spec.name),
            store: self.lake.layout().store().clone(),
            schema: commit.schema()?,
            partition_columns: commit.spec.partition_columns.clone(),
            table_id: commit.table_id(),
            files,
        })
    }

    /// Finish the batch that is decided, if any.
    pub(super) async fn settle(&self, state: &mut State) -> Result<()> {
        self.confirm_lease().await?;
        let Some(batch) = &mut state.unfinished else { return Ok(()) };
        if !batch.is_decided {
            match self.decide(&batch.pending).await {
                Ok(true) => batch.is_decided = true,
                Ok(false) => {
                    let (version, path) = (batch.pending.version, batch.pending.path(self.lake.layout()));
                    return Err(LakeError::NoAnswer { version, path });
                }
                Err(error) => {
                    // Somebody else's decision has the name: this one never was.
                    state.unfinished = None;
                    return Err(error);
                }
            }
        }
        let (layout, pending, faults) =
            (self.lake.layout().clone(), batch.pending.clone(), self.faults.clone());
        blocking("carry out the landing", move || pending.carry_out(&layout, &faults)).await?;
        let Some(batch) = state.unfinished.take() else { return Ok(()) };
        state.current = batch.stored;
        for receipt in batch.receipts {
            if receipt.outcome == Outcome::Accepted && !receipt.is_repeat {
                let content = gov::content(&receipt.form, receipt.year, &receipt.content_sha256);
                state.known.insert(content, receipt);
            }
        }
        for (submission, confirmation) in &batch.confirmations {
            state.used.add(*submission, confirmation);
        }
        for table in batch.tables {
            let (name, version) = (table.name.clone(), table.version);
            self.lake.remember(table);
            if version > 0 && version % delta::CHECKPOINT_INTERVAL == 0 {
                // Without it reading the table only takes longer, and the next one comes.
                let _ = delta::checkpoint(self.lake.layout(), &name, version).await;
            }
        }
        Ok(())
    }
}

/// The change that adds rows to a table of the ledger; `None` without rows.
fn append(
    job: StageJob,
    batch: &RecordBatch,
    base: Option<Arc<TableFiles>>,
    version: u64,
) -> Result<Option<TableChange>> {
    if batch.num_rows() == 0 {
        return Ok(None);
    }
    let spec = Arc::clone(&job.spec);
    let mut staged = stage::stage_batches(job, std::slice::from_ref(batch))?;
    let mut change = Change { made: Made::new(&staged.store), ..Change::default() };
    for file in &staged.files {
        change.made.push(staged.folder.join(&file.path));
    }
    change.add.clone_from(&staged.files);
    staged.keep();
    let info = json!({"lakeVersion": version});
    Ok(Some(TableChange { spec, base, change, data_change: true, info }))
}

/// Our part of commitInfo: which submissions, of which bytes.
fn describe<'a>(version: u64, landings: impl Iterator<Item = &'a Landing>, staged: &[&StagedFiles]) -> Value {
    let submissions: Vec<Value> = landings
        .zip(staged)
        .map(|(landing, staged)| {
            json!({
                "submission": staged.number,
                "form": landing.form,
                "year": landing.year,
                "contentSha256": landing.content_sha256.to_ascii_lowercase(),
                "fileName": landing.file_name,
                "submittedAt": submitted_at(landing.submitted_at),
                "rowCount": landing.row_count,
            })
        })
        .collect();
    json!({"lakeVersion": version, "submissions": submissions})
}

fn submitted_at(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
