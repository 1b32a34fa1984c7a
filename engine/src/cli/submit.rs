//! `bilim submit`: files in, findings out; nothing of a rejected file lands.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};

use super::answer;
use super::args::SubmitArgs;
use super::context::Context;
use super::error::CliError;
use super::init::use_definitions;
use super::queue;
use super::sign::{self, Signature};
use crate::definitions::{Form, Severity};
use crate::intake::{Finding, Remit, TerritoryCheck, template_csv, template_xlsx};
use crate::lake::{AsOf, Lake, LakeError, Outcome, Receipt, WriterOptions};
use crate::query::format::plain_table;
use crate::submission::precedence::{self, Held};
use crate::submission::{Origin, Prepared, Reading, landing, prepare, record_changes, remit};

/// Findings shown on the terminal; all of them go to `--findings` and to `gov.finding`.
const SHOWN: usize = 20;

/// Files read side by side; each uses all threads for its own rows.
const SIDE_BY_SIDE: usize = 2;

/// Files that land in one commit.
const BATCH: usize = 1000;

pub async fn run(context: &Context, args: SubmitArgs) -> Result<u8, CliError> {
    if let Some(code) = &args.template {
        template(context, code)?;
        return Ok(0);
    }
    let code =
        args.form.as_deref().ok_or_else(|| CliError::Usage("name the form: --form S1.PUPIL".to_owned()))?;
    let form = find_form(context, code)?;
    if args.files.is_empty() {
        return Err(CliError::Usage("name at least one file".to_owned()));
    }
    let lake = context.open_lake().await?;
    let subject = args.subject.as_deref().map(|text| answer::bin("--subject", text)).transpose()?;
    let system = args.source_system.clone().unwrap_or_else(|| precedence::OWN_SYSTEM.to_owned());
    let from = Origin { subject, system: Some(system.clone()) };
    let given = Signature::of(context, &args, subject)?;
    if !args.dry_run
        && args.prepare.is_none()
        && let Err(suspended) = check_open(context, &lake).await
    {
        // Before the lock: whoever runs the fixing holds it, and a file to be queued needs none.
        if args.queue {
            remit_of(context, &lake, &form, subject).await?;
            precedence::check(&context.session_over(&lake.snapshot(AsOf::Latest).await?)?, &system).await?;
            queue::keep(context, &lake, &args.files, &form.code, args.year, &from, given).await?;
            return Ok(0);
        }
        return Err(suspended);
    }
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    // Under the lock: who may submit and who has reported does not change before the landing.
    let ctx = context.session_over(&lake.snapshot(AsOf::Latest).await?)?;
    let remit = match subject {
        None => Remit::Everything,
        Some(bin) => remit::of_subject(&ctx, &form, bin).await?,
    };
    precedence::check(&ctx, &system).await?;
    let held = Held::find(&ctx, &form.code, &system).await?;
    let reading = Reading {
        config: context.config.clone(),
        territory: Arc::new(territory(context)?),
        remit,
        year: args.year,
        forms: context.definitions.forms.clone(),
        held: Arc::new(held),
    };
    use_definitions(context, &writer).await?;
    if !args.dry_run {
        queue::land_waiting(context, &lake, &writer).await?;
    }
    let mut summary = Summary::new(context, args.findings.as_deref())?;
    for files in args.files.chunks(BATCH) {
        let jobs: Vec<_> = files.iter().map(|path| prepare(&writer, &form, path, &reading)).collect();
        let prepared: Vec<_> = futures::stream::iter(jobs)
            .buffered(SIDE_BY_SIDE)
            .inspect_ok(|_| summary.progress.inc(1))
            .try_collect()
            .await?;
        let mut landings = Vec::new();
        let mut confirmed = Vec::new();
        for (path, mut one) in files.iter().zip(prepared) {
            let mut confirmation = None;
            if args.prepare.is_none() {
                confirmation = sign::confirm(context, &writer, &form, path, &mut one, given.as_ref()).await?;
            }
            summary.add(
                &one.report.findings,
                one.report.count(Severity::Error),
                one.report.count(Severity::Warning),
            )?;
            if args.dry_run {
                summary.would_land(&one, &form);
                continue;
            }
            if let Some(target) = &args.prepare {
                if one.staged.is_some() {
                    let subject = sign::one_file_of_a_subject(&args, subject)?;
                    sign::envelope(context, &lake, &form, &one, subject, target).await?;
                }
                summary.would_land(&one, &form);
                continue;
            }
            let mut landing = landing(&form, one, &from, args.year, context.config.now());
            if let Some(confirmation) = confirmation.as_ref().filter(|_| landing.staged.is_some()) {
                confirmed.push((landing.file_name.clone(), confirmation.clone()));
            }
            landing.confirmation = confirmation;
            landings.push(landing);
        }
        let names: Vec<String> = landings.iter().map(|landing| landing.file_name.clone()).collect();
        let receipts = writer.land(landings).await?;
        record_changes(&context.site(), &writer, &receipts).await?;
        for (name, receipt) in names.iter().zip(&receipts) {
            summary.landed(name, receipt);
        }
        for (name, confirmation) in &confirmed {
            sign::note(context, name, confirmation);
        }
    }
    summary.finish()
}

/// Refused while updates are suspended.
pub async fn check_open(context: &Context, lake: &Lake) -> Result<(), CliError> {
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let now = context.config.now().max(snapshot.version().created_at);
    Ok(snapshot.history().check_open(now).map_err(LakeError::from)?)
}

/// The form of a code.
pub fn find_form(context: &Context, code: &str) -> Result<Arc<Form>, CliError> {
    context.definitions.form(code).cloned().ok_or_else(|| {
        let codes: Vec<&str> = context.definitions.forms.iter().map(|form| form.code.as_str()).collect();
        CliError::Usage(format!("there is no form {code}: {}", codes.join(", ")))
    })
}

/// The register of territory codes of this build.
pub fn territory(context: &Context) -> Result<TerritoryCheck, CliError> {
    Ok(context.site().territory()?)
}

/// What a subject may submit; the operator of the lake everything.
pub async fn remit_of(
    context: &Context,
    lake: &Lake,
    form: &Form,
    subject: Option<i64>,
) -> Result<Remit, CliError> {
    let Some(bin) = subject else { return Ok(Remit::Everything) };
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    Ok(remit::of_subject(&context.session_over(&snapshot)?, form, bin).await?)
}

fn template(context: &Context, code: &str) -> Result<(), CliError> {
    let form = find_form(context, code)?;
    let Some(path) = &context.global.output else {
        print!("{}", template_csv(&form));
        return Ok(());
    };
    let is_xlsx = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    let bytes =
        if is_xlsx { template_xlsx(&form, context.lang())? } else { template_csv(&form).into_bytes() };
    std::fs::write(path, bytes).map_err(|source| CliError::File { path: path.clone(), source })?;
    context.note(&format!("wrote {}", path.display()));
    Ok(())
}

/// What the command says of its files.
struct Summary<'a> {
    context: &'a Context,
    findings: Option<csv::Writer<std::fs::File>>,
    findings_path: Option<PathBuf>,
    progress: ProgressBar,
    shown: Vec<Finding>,
    errors: u64,
    warnings: u64,
    accepted: u64,
    rejected: u64,
    repeats: u64,
    rows: u64,
    superseded: u64,
    version: Option<u64>,
}

impl<'a> Summary<'a> {
    fn new(context: &'a Context, path: Option<&Path>) -> Result<Self, CliError> {
        let findings = path
            .map(|path| {
                let bad =
                    |source: csv::Error| CliError::File { path: path.to_owned(), source: source.into() };
                let mut writer = csv::Writer::from_path(path).map_err(bad)?;
                writer
                    .write_record(["file", "row", "field", "rule", "severity", "value", "message"])
                    .map_err(bad)?;
                Ok::<_, CliError>(writer)
            })
            .transpose()?;
        let progress = if context.global.quiet { ProgressBar::hidden() } else { ProgressBar::no_length() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} files read {elapsed}") {
            progress.set_style(style);
        }
        Ok(Self {
            context,
            findings,
            findings_path: path.map(Path::to_owned),
            progress,
            shown: Vec::new(),
            errors: 0,
            warnings: 0,
            accepted: 0,
            rejected: 0,
            repeats: 0,
            rows: 0,
            superseded: 0,
            version: None,
        })
    }

    fn add(&mut self, findings: &[Finding], errors: u64, warnings: u64) -> Result<(), CliError> {
        self.errors += errors;
        self.warnings += warnings;
        for finding in findings {
            if let (Some(writer), Some(path)) = (&mut self.findings, &self.findings_path) {
                let row = finding.row.map(|row| row.to_string()).unwrap_or_default();
                writer
                    .write_record([
                        finding.file.as_str(),
                        &row,
                        finding.field.as_deref().unwrap_or_default(),
                        &finding.rule,
                        finding.severity.as_str(),
                        finding.value.as_deref().unwrap_or_default(),
                        finding.message.get(self.context.lang()),
                    ])
                    .map_err(|source| CliError::File { path: path.clone(), source: source.into() })?;
            }
            if self.shown.len() < SHOWN {
                self.shown.push(finding.clone());
            }
        }
        Ok(())
    }

    fn would_land(&mut self, prepared: &Prepared, form: &Form) {
        match &prepared.staged {
            Some(staged) => {
                self.accepted += 1;
                self.context.note(&format!(
                    "{}: {} rows would land and replace what {} has for their {} scopes",
                    prepared.report.file,
                    prepared.report.rows,
                    form.code,
                    staged.scope_count()
                ));
            }
            None => self.rejected += 1,
        }
    }

    fn landed(&mut self, name: &str, receipt: &Receipt) {
        if receipt.is_repeat {
            self.repeats += 1;
            self.context.note(&format!(
                "{name}: the same bytes landed as submission {} in lake version {}; nothing changed",
                receipt.submission, receipt.lake_version
            ));
            return;
        }
        self.version = Some(receipt.lake_version);
        if receipt.outcome == Outcome::Accepted {
            self.accepted += 1;
            self.rows += receipt.row_count;
            self.superseded += receipt.superseded_row_count;
        } else {
            self.rejected += 1;
        }
    }

    fn finish(mut self) -> Result<u8, CliError> {
        self.progress.finish_and_clear();
        if let (Some(writer), Some(path)) = (&mut self.findings, &self.findings_path) {
            writer.flush().map_err(|source| CliError::File { path: path.clone(), source })?;
        }
        if !self.shown.is_empty() {
            self.show_findings()?;
        }
        if !self.context.global.quiet {
            let version = self.version.map(|version| format!(", lake version {version}")).unwrap_or_default();
            eprintln!(
                "{} accepted ({} rows, {} superseded), {} rejected, {} repeated; {} errors, {} warnings{version}",
                self.accepted,
                self.rows,
                self.superseded,
                self.rejected,
                self.repeats,
                self.errors,
                self.warnings
            );
        }
        Ok(u8::from(self.rejected > 0))
    }

    fn show_findings(&self) -> Result<(), CliError> {
        let mut table = plain_table();
        table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
        table.set_header(["file", "row", "field", "rule", "severity", "value", "message"]);
        for finding in &self.shown {
            table.add_row([
                finding.file.as_str(),
                &finding.row.map(|row| row.to_string()).unwrap_or_default(),
                finding.field.as_deref().unwrap_or_default(),
                &finding.rule,
                finding.severity.as_str(),
                finding.value.as_deref().unwrap_or_default(),
                finding.message.get(self.context.lang()),
            ]);
        }
        let mut err = std::io::stderr().lock();
        for line in table.lines() {
            writeln!(err, "{}", line.trim_end())?;
        }
        let total = self.errors + self.warnings;
        if total > self.shown.len() as u64 {
            writeln!(
                err,
                "... {total} findings, the first {} shown; --findings FILE writes them",
                self.shown.len()
            )?;
        }
        Ok(())
    }
}
