//! The warehouse side: records -> CSV -> intake -> lake -> session -> rows of `mart.indicator`.

use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bilim::config::Config;
use bilim::definitions::Definitions;
use bilim::intake::{self, Options, TerritoryCheck};
use bilim::lake::{self, AsOf, Lake, Landing, Outcome, Receipt, Snapshot, TableSpec, Writer, WriterOptions};
use bilim::session;
use bilim_domain::records::{Form, Record};
use chrono::{DateTime, Utc};
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Float64Type, Int32Type};
use datafusion::prelude::SessionContext;
use tempfile::TempDir;

/// Where a value stands: year, tier, code of the unit, level, breakdown and its members.
pub type Key = (i32, String, String, String, String, Vec<String>);

/// Numerator, denominator, value and its standard error as the warehouse says them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    pub numerator: Option<f64>,
    pub denominator: Option<f64>,
    pub value: Option<f64>,
    pub se: Option<f64>,
}

/// Columns of a breakdown's members, in the order of the architecture.
pub const DIMENSIONS: [&str; 9] =
    ["sex", "locality", "language", "ownership", "study_form", "grade", "age", "subject", "category"];

/// Run asynchronous work as the program does: plans of many parts need a deep stack.
pub fn block_on<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_stack_size(64 << 20)
            .enable_all()
            .build()
            .unwrap()
    });
    let task = runtime.spawn(work);
    runtime.block_on(task).unwrap()
}

/// The definitions of this checkout.
pub fn definitions() -> &'static Arc<Definitions> {
    static DEFINITIONS: OnceLock<Arc<Definitions>> = OnceLock::new();
    DEFINITIONS.get_or_init(|| Arc::new(Definitions::built_in().unwrap()))
}

fn territory() -> &'static TerritoryCheck {
    static TERRITORY: OnceLock<TerritoryCheck> = OnceLock::new();
    TERRITORY.get_or_init(|| {
        let text = definitions().assets.text("datasets/reference/geo.csv").unwrap();
        TerritoryCheck::from_csv(text.as_bytes()).unwrap()
    })
}

/// A lake in a folder of its own.
pub struct Warehouse {
    folder: TempDir,
    config: Config,
    lake: Lake,
    writer: Writer,
}

impl Warehouse {
    pub async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// The same by a clock that stands still.
    pub async fn at(now: DateTime<Utc>) -> Self {
        Self::with(Config { now: Some(now), ..Config::default() }).await
    }

    async fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("lake");
        let now = config.now.unwrap_or_else(Utc::now);
        let lake = Lake::init_at(root.to_str().unwrap(), now).await.unwrap();
        let writer = lake.writer(WriterOptions::from(&config)).await.unwrap();
        Self { folder, config, lake, writer }
    }

    /// Let the versions made from now on name the definitions, as an archive needs.
    pub async fn keep_definitions(&self) {
        let assets = &definitions().assets;
        let files = assets.iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        self.writer.use_definitions(&assets.hash(), files).await.unwrap();
    }

    /// Submit the records, one file a form, in one batch.
    pub async fn submit(&self, records: &[Record]) -> Vec<Receipt> {
        let mut files: BTreeMap<Form, Vec<u8>> = BTreeMap::new();
        for record in records {
            let file = files.entry(record.form()).or_insert_with(|| {
                let mut header = record.form().header().into_bytes();
                header.push(b'\n');
                header
            });
            record.write_csv(file);
        }
        let mut landings = Vec::new();
        for (form, bytes) in files {
            landings.push(self.landing(form, &bytes).await);
        }
        self.writer.land(landings).await.unwrap()
    }

    /// Records of one form, ready to be entered as accepted.
    pub async fn landing_of(&self, records: &[Record]) -> Landing {
        let form = records[0].form();
        let mut bytes = form.header().into_bytes();
        bytes.push(b'\n');
        for record in records {
            record.write_csv(&mut bytes);
        }
        self.landing(form, &bytes).await
    }

    /// The one writer of the lake.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The events that a landing brought into the data, as the program records them.
    pub async fn changes(&self, receipt: &Receipt) -> Vec<(TableSpec, RecordBatch)> {
        let version = |number| self.lake.snapshot(AsOf::Version(number));
        let (after, before) =
            (version(receipt.lake_version).await.unwrap(), version(receipt.lake_version - 1).await.unwrap());
        let runtime = session::runtime(&self.config).unwrap();
        let ctx = session::open(&self.config, runtime, definitions(), &after).unwrap();
        let form = definitions().form(&receipt.form).unwrap();
        let found = session::changes(&ctx, form, &before, &[receipt.submission]).await.unwrap();
        found.into_iter().map(|batch| (lake::change(), batch)).collect()
    }

    async fn landing(&self, form: Form, bytes: &[u8]) -> Landing {
        let definition = definitions().form(form.code()).unwrap();
        let path: PathBuf = self.folder.path().join(format!("{}.csv", form.code()));
        fs::write(&path, bytes).unwrap();
        let options = Options { territory: Some(territory()), ..Options::new(&self.config) };
        let mut batches: Vec<RecordBatch> = Vec::new();
        let report = intake::read(definition, &path, &options, |batch| {
            batches.push(batch);
            Ok::<(), std::io::Error>(())
        })
        .unwrap();
        assert!(report.is_accepted(), "{}: {:#?}", form.code(), report.findings);
        let rows = futures::stream::iter(batches.into_iter().map(Ok::<_, std::io::Error>));
        let staged = self.writer.stage(definition, rows).await.unwrap();
        Landing {
            confirmation: None,
            form: definition.code.clone(),
            year: None,
            content_sha256: report.content_sha256.unwrap(),
            file_name: report.file,
            subject_bin: None,
            source_system: None,
            submitted_at: Utc::now(),
            row_count: report.rows,
            staged: Some(staged),
            findings: Vec::new(),
            error_count: 0,
            warning_count: 0,
            outcome: Outcome::Accepted,
        }
    }

    /// A session over the newest version.
    pub async fn session(&self) -> SessionContext {
        let snapshot = self.snapshot(AsOf::Latest).await;
        let runtime = session::runtime(&self.config).unwrap();
        session::open(&self.config, runtime, definitions(), &snapshot).unwrap()
    }

    /// A version of the lake.
    pub async fn snapshot(&self, as_of: AsOf) -> Snapshot {
        self.lake.snapshot(as_of).await.unwrap()
    }

    /// Folder of the lake.
    pub fn root(&self) -> &Path {
        self.lake.root()
    }
}

/// The rows of `mart.indicator` that satisfy a condition; a second row of one cell fails.
pub async fn answers(ctx: &SessionContext, condition: &str) -> BTreeMap<Key, Answer> {
    let sql = format!(
        "select year, tier, geo_code, level, breakdown, {}, numerator, denominator, value, se \
         from mart.indicator where {condition}",
        DIMENSIONS.join(", ")
    );
    let mut rows = BTreeMap::new();
    for batch in ctx.sql(&sql).await.unwrap().collect().await.unwrap() {
        let text = |column: usize, row: usize| {
            let column = batch.column(column).as_string::<i32>();
            assert!(column.is_valid(row), "{sql}: a key is null");
            column.value(row).to_owned()
        };
        let number = |column: usize, row: usize| {
            let column = batch.column(column).as_primitive::<Float64Type>();
            column.is_valid(row).then(|| column.value(row))
        };
        for row in 0..batch.num_rows() {
            let members = (5..14).map(|column| text(column, row)).collect();
            let key = (
                batch.column(0).as_primitive::<Int32Type>().value(row),
                text(1, row),
                text(2, row),
                text(3, row),
                text(4, row),
                members,
            );
            let answer = Answer {
                numerator: number(14, row),
                denominator: number(15, row),
                value: number(16, row),
                se: number(17, row),
            };
            let twice = rows.insert(key.clone(), answer);
            assert!(twice.is_none(), "{condition}: two rows of {key:?}");
        }
    }
    rows
}
