//! A file through intake into staged data files: what `submit`, `import` and `demo` share.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use datafusion::arrow::array::RecordBatch;
use tokio::sync::mpsc;

use super::error::SubmissionError;
use super::precedence::Held;
use crate::config::Config;
use crate::definitions::{Form, Severity};
use crate::intake::signature::Refusal;
use crate::intake::{self, Finding, Options, Remit, Report, TerritoryCheck};
use crate::lake::{FindingRow, Landing, Outcome, StagedFiles, Writer};

/// Batches on their way from intake to staging; more would only wait in memory.
const CHANNEL: usize = 4;

/// How files are read, shared by all files of a command.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Limits.
    pub config: Config,
    /// Register of territory codes.
    pub territory: Arc<TerritoryCheck>,
    /// What the submitter may submit.
    pub remit: Remit,
    /// Reporting year, where the file does not say it.
    pub year: Option<i32>,
    /// Forms to name when the columns fit another one.
    pub forms: Vec<Arc<Form>>,
    /// Organisations that a stronger source system has reported.
    pub held: Arc<Held>,
}

/// A file read, checked and, when sound, staged.
#[derive(Debug)]
pub struct Prepared {
    /// What was found.
    pub report: Report,
    /// Its data files; `None` when rejected.
    pub staged: Option<StagedFiles>,
}

/// Read and check a file against a form and stage its rows.
///
/// Bad input is in the report; rows of a rejected file are not kept.
///
/// # Errors
/// When the file cannot be read or the lake cannot be written.
pub async fn prepare(
    writer: &Writer,
    form: &Arc<Form>,
    path: &Path,
    reading: &Reading,
) -> Result<Prepared, SubmissionError> {
    let (sender, receiver) = mpsc::channel::<Result<RecordBatch, std::io::Error>>(CHANNEL);
    let (form_there, path_there, reading_there) = (Arc::clone(form), PathBuf::from(path), reading.clone());
    let withheld = Arc::new(Mutex::new(BTreeSet::new()));
    let withheld_there = Arc::clone(&withheld);
    let reader = tokio::task::spawn_blocking(move || {
        let options = Options {
            year: reading_there.year,
            config: &reading_there.config,
            territory: Some(&reading_there.territory),
            remit: &reading_there.remit,
            other_forms: &reading_there.forms,
        };
        // When staging has failed it says so itself; the rest of the file only needs checking.
        intake::read(&form_there, &path_there, &options, |batch| {
            let admitted = reading_there.held.admit(batch, &withheld_there).map_err(std::io::Error::other);
            let _ = sender.blocking_send(admitted);
            Ok::<(), std::io::Error>(())
        })
    });
    let rows = futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|batch| (batch, receiver))
    });
    let staged = writer.stage(form, Box::pin(rows)).await;
    let mut report = reader.await.map_err(|error| SubmissionError::Panicked(error.to_string()))??;
    let withheld = std::mem::take(&mut *withheld.lock().unwrap_or_else(PoisonError::into_inner));
    let conflicts = reading.held.findings(&report.file, &withheld);
    if !report.is_accepted() {
        return Ok(Prepared { report, staged: None });
    }
    report.warn(conflicts);
    Ok(Prepared { report, staged: Some(staged?) })
}

impl Prepared {
    /// Refuse it for what was found outside the file, for instance by its signature; nothing of it lands.
    pub fn refuse(&mut self, refusal: &Refusal) {
        let finding = refusal.finding(&self.report.file);
        self.report.add(finding);
        self.staged = None;
    }
}

/// Who a submission comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// BIN of the submitting subject; `None` = the operator of the lake.
    pub subject: Option<i64>,
    /// Code of the information system.
    pub system: Option<String>,
}

/// The landing of a prepared file.
#[must_use]
pub fn landing(
    form: &Form,
    prepared: Prepared,
    from: &Origin,
    year: Option<i32>,
    now: DateTime<Utc>,
) -> Landing {
    let Prepared { report, staged } = prepared;
    let outcome = if staged.is_some() { Outcome::Accepted } else { Outcome::Rejected };
    Landing {
        form: form.code.clone(),
        year,
        content_sha256: report.content_sha256.clone().unwrap_or_default(),
        file_name: report.file.clone(),
        subject_bin: from.subject,
        source_system: from.system.clone(),
        submitted_at: now,
        row_count: report.rows,
        error_count: report.count(Severity::Error),
        warning_count: report.count(Severity::Warning),
        findings: report.findings.iter().map(finding_row).collect(),
        staged,
        outcome,
        confirmation: None,
    }
}

fn finding_row(finding: &Finding) -> FindingRow {
    FindingRow {
        file: finding.file.clone(),
        row: finding.row.and_then(|row| i64::try_from(row).ok()),
        field: finding.field.clone(),
        rule: finding.rule.clone(),
        severity: finding.severity.as_str().to_owned(),
        value: finding.value.clone(),
        message_en: finding.message.en.clone(),
        message_ru: finding.message.ru.clone(),
        message_kk: finding.message.kk.clone(),
    }
}
