//! `bilim import`: published statistics through the mappings of `datasets/sources`.
//!
//! A source lands as a whole: one submission a form, all in one lake version, or nothing when
//! intake finds an error in any of them. The same files under the same mapping and form are the
//! same submission and land once.

mod error;
mod findings;
mod rows;
mod sheet;
mod tables;

pub use error::ImportError;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use datafusion::dataframe::DataFrame;
use datafusion::prelude::SessionContext;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sha2::Digest;
use tempfile::NamedTempFile;

use self::findings::Found;
use self::rows::Query;
use self::tables::HashError;
use super::args::ImportArgs;
use super::context::Context;
use super::error::CliError;
use super::submit::territory;
use crate::definitions::{Form, Lang, Severity, Source, asset_path};
use crate::intake::{Remit, Report};
use crate::lake::{Landing, Outcome, Receipt, StagedFiles, Writer, WriterOptions};
use crate::query;
use crate::submission::{Prepared, Reading, prepare};

/// Kinds of errors of a rejected submission that are shown, each with one example.
const SHOWN_ERRORS: usize = 20;

/// Everything that is opened once for all sources.
struct Import<'a> {
    context: &'a Context,
    from: PathBuf,
    writer: Writer,
    reading: Reading,
    progress: ProgressBar,
    told: Vec<Told>,
}

/// What became of one form of a source.
struct Told {
    source: String,
    form: String,
    rows: u64,
    found: Found,
    fate: Fate,
}

enum Fate {
    Landed(i64),
    Known(i64),
    /// Why, a line for each kind of error.
    Rejected(Vec<String>),
    /// Fit to land, but another form of its source was rejected.
    Withheld,
}

/// A form of a source that the lake does not have yet.
struct Ready {
    form: Arc<Form>,
    hash: String,
    report: Report,
    staged: Option<StagedFiles>,
    found: Found,
}

pub async fn run(context: &Context, args: ImportArgs) -> Result<u8, CliError> {
    let Some(name) = &args.source else {
        list(context);
        return Ok(0);
    };
    let sources = choose(context, name)?;
    let lake = context.open_lake().await?;
    super::submit::check_open(context, &lake).await?;
    for source in &sources {
        for path in tables::inputs(source, &args.from) {
            File::open(&path).map_err(|error| ImportError::File {
                name: source.name.clone(),
                path: path.clone(),
                source: error,
            })?;
        }
    }
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    super::queue::land_waiting(context, &lake, &writer).await?;
    let reading = Reading {
        config: context.config.clone(),
        territory: Arc::new(territory(context)?),
        remit: Remit::Everything,
        year: None,
        forms: Vec::new(),
        held: Arc::default(),
    };
    let mut import =
        Import { context, from: args.from, writer, reading, progress: progress(context), told: Vec::new() };
    let outcome = import.all(&sources).await;
    import.progress.finish_and_clear();
    // What has landed has landed, and is told also when a later source failed.
    import.summary();
    if let Some(path) = &args.findings {
        let all =
            import.told.iter().flat_map(|told| told.found.rows.iter().map(|row| (told.form.as_str(), row)));
        findings::write(path, context.lang(), all)?;
    }
    outcome?;
    Ok(u8::from(import.told.iter().any(|told| matches!(told.fate, Fate::Rejected(_)))))
}

fn choose<'a>(context: &'a Context, name: &str) -> Result<Vec<&'a Source>, CliError> {
    let sources = &context.definitions.sources;
    if name == "all" {
        return Ok(sources.iter().collect());
    }
    let found = sources.iter().find(|source| source.name == name);
    found.map(|source| vec![source]).ok_or_else(|| {
        let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        CliError::Usage(format!("there is no source {name}: all, {}", names.join(", ")))
    })
}

fn list(context: &Context) {
    let mut table = crate::query::format::plain_table();
    table.set_header(["source", "title", "forms", "publisher"]);
    for source in &context.definitions.sources {
        let title = source.title.get(context.lang());
        table.add_row([source.name.as_str(), title, &source.forms().join(" "), &source.publisher]);
    }
    table.lines().for_each(|line| println!("{}", line.trim_end()));
}

/// A line on stderr that says what is under way; nothing when stderr is no terminal.
fn progress(context: &Context) -> ProgressBar {
    let target =
        if context.global.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(None, target);
    bar.set_style(ProgressStyle::default_spinner());
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}

impl Import<'_> {
    async fn all(&mut self, sources: &[&Source]) -> Result<(), CliError> {
        for source in sources {
            Box::pin(self.one(source)).await?;
        }
        Ok(())
    }

    async fn one(&mut self, source: &Source) -> Result<(), CliError> {
        let definitions = &self.context.definitions;
        let mut due: Vec<(Arc<Form>, String)> = Vec::new();
        self.progress.set_message(format!("{}: reading", source.name));
        let hasher = tables::hash(source, &self.from, &definitions.assets).map_err(|error| match error {
            HashError::Import(error) => CliError::from(error),
            HashError::Definition(error) => CliError::from(error),
        })?;
        for form in source.forms() {
            // Every form of a source exists: definitions are checked when they are read.
            let Some(form) = definitions.form(form) else { continue };
            let definition = definitions.assets.text(&format!("datasets/forms/{}.toml", form.table()))?;
            let hash = hex::encode(hasher.clone().chain_update(definition).finalize());
            match self.writer.known(&form.code, None, &hash).await {
                Some(receipt) => self.known(source, &receipt),
                None => due.push((Arc::clone(form), hash)),
            }
        }
        if due.is_empty() {
            return Ok(());
        }
        let ctx = self.tables(source).await?;
        let mut ready = Vec::new();
        for (form, hash) in due {
            let file = self.rows(&ctx, source, &form).await?;
            self.progress.set_message(format!("{} {}: checking", source.name, form.code));
            let Prepared { report, staged } =
                prepare(&self.writer, &form, file.path(), &self.reading).await?;
            let found = Found::of_intake(&source.name, &report);
            ready.push(Ready { form, hash, report, staged, found });
        }
        if let Some(first) = ready.first_mut() {
            for finding in &source.findings {
                self.progress.set_message(format!("{}: {}", source.name, finding.sql));
                let query = self.query(&ctx, source, &finding.sql).await?;
                first.found.add(&ctx, &query, self.context.config.max_findings).await?;
            }
        }
        self.land(source, ready).await
    }

    fn known(&mut self, source: &Source, receipt: &Receipt) {
        self.told.push(Told {
            source: source.name.clone(),
            form: receipt.form.clone(),
            rows: receipt.row_count,
            found: Found::default(),
            fate: Fate::Known(receipt.submission),
        });
    }

    /// A context with the tables and views of a mapping.
    async fn tables(&self, source: &Source) -> Result<SessionContext, CliError> {
        let ctx = self.context.scratch()?;
        let assets = &self.context.definitions.assets;
        tables::register(&ctx, source, &self.from, assets, &self.context.config).await?;
        for view in &source.views {
            let query = self.query(&ctx, source, &view.sql).await?;
            let frame = DataFrame::new(ctx.state(), query.plan);
            ctx.register_table(&view.name, frame.into_view()).map_err(|error| ImportError::Register {
                name: source.name.clone(),
                table: view.name.clone(),
                source: error,
            })?;
        }
        Ok(ctx)
    }

    async fn query(&self, ctx: &SessionContext, source: &Source, file: &str) -> Result<Query, CliError> {
        let sql = self.context.definitions.assets.text(&asset_path(file))?;
        let plan = query::plan(ctx, sql).await.map_err(|error| ImportError::Mapping {
            name: source.name.clone(),
            file: file.to_owned(),
            source: Box::new(error),
        })?;
        Ok(Query { name: source.name.clone(), file: file.to_owned(), plan })
    }

    /// The rows of every load of a form.
    async fn rows(
        &self,
        ctx: &SessionContext,
        source: &Source,
        form: &Form,
    ) -> Result<NamedTempFile, CliError> {
        let mut loads = Vec::new();
        for load in source.loads.iter().filter(|load| load.form == form.code) {
            loads.push(self.query(ctx, source, &load.sql).await?);
        }
        let folder = self.writer.temporary_folder().await?;
        let told = |rows| self.progress.set_message(format!("{} {}: {rows} rows", source.name, form.code));
        Ok(rows::collect(ctx, form, &loads, &folder, told).await?)
    }

    async fn land(&mut self, source: &Source, ready: Vec<Ready>) -> Result<(), CliError> {
        if ready.iter().any(|one| !one.report.is_accepted()) {
            for one in ready {
                let fate = if one.report.is_accepted() {
                    Fate::Withheld
                } else {
                    Fate::Rejected(reasons(&one.report, self.context.lang()))
                };
                self.tell(source, &one.form, one.report.rows, one.found, fate);
            }
            return Ok(());
        }
        self.progress.set_message(format!("{}: landing", source.name));
        let assets = &self.context.definitions.assets;
        let files = assets.iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        self.writer.use_definitions(&assets.hash(), files).await?;
        let mut landings = Vec::new();
        let mut others = Vec::new();
        for one in ready {
            landings.push(Landing {
                confirmation: None,
                form: one.form.code.clone(),
                year: None,
                content_sha256: one.hash,
                file_name: source.name.clone(),
                subject_bin: None,
                source_system: None,
                submitted_at: self.context.config.now(),
                row_count: one.report.rows,
                staged: one.staged,
                findings: one.found.rows.clone(),
                error_count: one.found.errors,
                warning_count: one.found.warnings,
                outcome: Outcome::Accepted,
            });
            others.push((one.form, one.report.rows, one.found));
        }
        let receipts = self.writer.land(landings).await?;
        for (receipt, (form, rows, found)) in receipts.iter().zip(others) {
            self.tell(source, &form, rows, found, Fate::Landed(receipt.submission));
        }
        Ok(())
    }

    fn tell(&mut self, source: &Source, form: &Form, rows: u64, found: Found, fate: Fate) {
        self.told.push(Told { source: source.name.clone(), form: form.code.clone(), rows, found, fate });
    }

    fn summary(&self) {
        for told in &self.told {
            let Fate::Rejected(reasons) = &told.fate else { continue };
            for reason in reasons {
                eprintln!("{} {}: {reason}", told.source, told.form);
            }
        }
        if self.told.is_empty() {
            return;
        }
        let mut table = crate::query::format::plain_table();
        table.set_header(["source", "form", "rows", "errors", "warnings", "submission"]);
        for told in &self.told {
            let (errors, warnings) = match &told.fate {
                Fate::Known(_) => (String::new(), String::new()),
                _ => (told.found.errors.to_string(), told.found.warnings.to_string()),
            };
            let fate = match &told.fate {
                Fate::Landed(submission) => submission.to_string(),
                Fate::Known(submission) => format!("already landed as submission {submission}"),
                Fate::Rejected(_) => "rejected: nothing of this source has landed".to_owned(),
                Fate::Withheld => "withheld".to_owned(),
            };
            table.add_row([&told.source, &told.form, &told.rows.to_string(), &errors, &warnings, &fate]);
        }
        for column in 2..5 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(comfy_table::CellAlignment::Right);
            }
        }
        table.lines().for_each(|line| self.context.note(line.trim_end()));
    }
}

/// The errors of a report, a line for each rule and field.
fn reasons(report: &Report, lang: Lang) -> Vec<String> {
    let errors = report.counts.iter().filter(|(_, found)| found.severity == Severity::Error);
    errors
        .take(SHOWN_ERRORS)
        .map(|((rule, field), found)| {
            let example = report.findings.iter().find(|finding| {
                finding.rule == *rule && finding.field.as_deref().unwrap_or_default() == field
            });
            let row = example.and_then(|one| one.row).map(|row| format!(", row {row}")).unwrap_or_default();
            let value = example.and_then(|one| one.value.as_deref());
            let value = value.map(|value| format!(", {value:?}")).unwrap_or_default();
            let message = example.map_or("", |one| one.message.get(lang));
            format!("{rule} {field}, {} times{row}{value}: {message}", found.count)
        })
        .collect()
}
