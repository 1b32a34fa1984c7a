//! What tests share: folders, lakes, the program, real data.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use bilim::config::Config;
use bilim::definitions::{Definitions, Form, Severity};
use bilim::intake::{self, Remit, TerritoryCheck};
use bilim::lake::{AsOf, Lake, Landing, Outcome, Snapshot, TableSpec, Writer, WriterOptions};
use chrono::{DateTime, Utc};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::SessionContext;
use tempfile::TempDir;

/// A session with our options and nothing in it.
pub fn scratch() -> SessionContext {
    let config = Config::default();
    bilim::session::scratch(&config, bilim::session::runtime(&config).unwrap()).unwrap()
}

/// The program under test.
pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_bilim")
}

/// The folder of real published statistics; `None`, said aloud, when it is absent outside CI.
///
/// # Panics
/// In CI, where the folder must be there.
pub fn real_data() -> Option<PathBuf> {
    let folder =
        std::env::var_os("BILIM_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let folder =
        if folder.is_absolute() { folder } else { PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder) };
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is missing", folder.display());
    let note = format!("skipped: {} is missing; set BILIM_DATA\n", folder.display());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes());
    None
}

/// Stack of a thread that plans: unoptimised planning of indicators needs more than the usual 2 MiB.
const STACK_BYTES: usize = 64 << 20;

/// Run a future to its end on a thread of its own with a large stack.
///
/// # Panics
/// When the future does.
pub fn block_on<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .expect("a runtime can be made");
        runtime.block_on(future)
    });
    match thread.expect("a thread can be made").join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// A lake in a folder of its own, removed with it, and a session over its newest version.
pub struct TestLake {
    /// Session with this build's definitions.
    pub ctx: SessionContext,
    /// Definitions of this build.
    pub definitions: Arc<Definitions>,
    /// The version that it is over.
    pub snapshot: Snapshot,
    /// The lake.
    pub lake: Lake,
    _folder: TempDir,
}

/// A lake of these submissions (form code, file), through intake and landing as `bilim submit` does it.
///
/// # Panics
/// When a file is rejected, with its findings.
///
/// Rows are added to the ledger from `ledger/<table>.csv`, columns by name, the others NULL.
pub async fn lake_of(submissions: &[(String, PathBuf)], ledger: Option<&Path>) -> TestLake {
    lake_at(None, submissions, ledger).await
}

/// As [`lake_of`], by a clock that stands: two such lakes differ in what was submitted alone.
pub async fn lake_at(
    now: Option<DateTime<Utc>>,
    submissions: &[(String, PathBuf)],
    ledger: Option<&Path>,
) -> TestLake {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { now, ..Config::default() };
    let definitions = Arc::new(Definitions::built_in().unwrap());
    let geo = definitions.assets.text("datasets/reference/geo.csv").unwrap();
    let territory = TerritoryCheck::from_csv(geo.as_bytes()).unwrap();
    let lake = Lake::init_at(folder.path().join("lake").to_str().unwrap(), config.now()).await.unwrap();
    let writer = lake.writer(WriterOptions::from(&config)).await.unwrap();
    let mut landings = Vec::new();
    for (code, path) in submissions {
        let form = definitions.form(code).unwrap_or_else(|| panic!("there is no form {code}"));
        landings.push(landing(&writer, form, path, &config, &territory).await);
    }
    writer.land(landings).await.unwrap();
    if let Some(folder) = ledger {
        let rows = bilim::lake::ledgers().into_iter().filter_map(|spec| {
            let path = folder.join(format!("{}.csv", spec.name.trim_start_matches("gov.")));
            path.is_file().then(|| ledger_rows(spec, &path))
        });
        writer.record(rows.collect()).await.unwrap();
    }
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let runtime = bilim::session::runtime(&config).unwrap();
    let ctx = bilim::session::open(&config, runtime, &definitions, &snapshot).unwrap();
    TestLake { ctx, definitions, snapshot, lake, _folder: folder }
}

/// The rows of a CSV file as a table of the ledger has them.
fn ledger_rows(spec: TableSpec, path: &Path) -> (TableSpec, RecordBatch) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let known = |name: &str| spec.schema.field_with_name(name).is_ok();
    assert!(header.iter().all(known), "{}: a column that the ledger lacks", path.display());
    let columns = spec.schema.fields().iter().map(|field| {
        let at = header.iter().position(|name| name == field.name());
        let cell = |row: &csv::StringRecord| Some(row[at?].to_owned()).filter(|cell| !cell.is_empty());
        let texts: ArrayRef = Arc::new(rows.iter().map(cell).collect::<StringArray>());
        cast(&texts, field.data_type()).unwrap()
    });
    let batch = RecordBatch::try_new(Arc::clone(&spec.schema), columns.collect()).unwrap();
    (spec, batch)
}

/// Cells as texts; NULL as `NULL`.
pub fn texts(batches: &[RecordBatch]) -> Vec<Vec<String>> {
    let options = FormatOptions::default().with_null("NULL");
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<ArrayFormatter<'_>> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
        rows.extend(
            (0..batch.num_rows())
                .map(|row| columns.iter().map(|column| column.value(row).to_string()).collect()),
        );
    }
    rows
}

/// A file as a landing of 1 January 1970; it must be without fault.
pub async fn landing(
    writer: &Writer,
    form: &Arc<Form>,
    path: &Path,
    config: &Config,
    territory: &TerritoryCheck,
) -> Landing {
    let remit = Remit::Everything;
    let options =
        intake::Options { territory: Some(territory), remit: &remit, ..intake::Options::new(config) };
    let mut batches: Vec<Result<RecordBatch, std::io::Error>> = Vec::new();
    let report = intake::read(form, path, &options, |batch| {
        batches.push(Ok(batch));
        Ok::<(), std::io::Error>(())
    })
    .unwrap();
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|found| format!("row {:?} {:?} {} {}", found.row, found.field, found.rule, found.message.en))
        .collect();
    assert!(report.is_accepted(), "{} is rejected:\n{}", path.display(), findings.join("\n"));
    let staged = writer.stage(form, Box::pin(futures::stream::iter(batches))).await.unwrap();
    Landing {
        confirmation: None,
        form: form.code.clone(),
        year: None,
        content_sha256: report.content_sha256.clone().unwrap(),
        file_name: report.file.clone(),
        subject_bin: None,
        source_system: None,
        submitted_at: DateTime::<Utc>::UNIX_EPOCH,
        row_count: report.rows,
        error_count: 0,
        warning_count: report.count(Severity::Warning),
        findings: Vec::new(),
        staged: Some(staged),
        outcome: Outcome::Accepted,
    }
}

/// The lake of `datasets/fixtures/tiny`, shared by the tests that run at the same time.
pub async fn tiny_lake() -> Arc<TestLake> {
    static SHARED: tokio::sync::Mutex<Weak<TestLake>> = tokio::sync::Mutex::const_new(Weak::new());
    let mut shared = SHARED.lock().await;
    if let Some(lake) = shared.upgrade() {
        return lake;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/fixtures/tiny");
    let mut submissions: Vec<(String, PathBuf)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "csv"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().replacen('_', ".", 1), path))
        .collect();
    submissions.sort();
    let lake = Arc::new(lake_of(&submissions, Some(&folder.join("ledger"))).await);
    *shared = Arc::downgrade(&lake);
    lake
}
