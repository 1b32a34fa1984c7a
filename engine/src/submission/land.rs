//! Submissions that came together, landed in one commit.

use std::path::PathBuf;
use std::sync::Arc;

use super::precedence::{self, Held};
use super::prepare::{Origin, Reading, landing, prepare};
use super::{Site, SubmissionError, record_changes};
use crate::definitions::{Form, Severity, Signing};
use crate::intake::signature::Refusal;
use crate::intake::{Finding, Remit};
use crate::lake::{AsOf, Lake, LakeError, Landing, Receipt, Writer, WriterOptions};
use crate::query::lookup;

/// A file to be landed.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its form.
    pub form: Arc<Form>,
    /// Where it is; its name is the one in the ledger.
    pub path: PathBuf,
    /// Reporting year of a file that does not say it.
    pub year: Option<i32>,
    /// What its submitter may submit.
    pub remit: Remit,
    /// BIN of the submitting subject; `None` = the operator of the lake.
    pub subject: Option<i64>,
    /// Code of the information system; `None` = the warehouse itself.
    pub system: Option<String>,
    /// A name that is given to one submission only: the file's name was made from it.
    pub key: Option<String>,
}

/// What became of a file.
#[derive(Debug)]
pub struct Landed {
    /// What the ledger says of it.
    pub receipt: Receipt,
    /// What was found, as far as it is kept.
    pub findings: Vec<Finding>,
    /// Errors found.
    pub errors: u64,
    /// Warnings found.
    pub warnings: u64,
}

/// Land files that came together: those that can land do so in one commit, each of the others has its own error.
///
/// # Errors
/// When none can land: the lake cannot be written, updates are suspended, or files of a suspension wait.
pub async fn land(
    site: &Site<'_>,
    lake: &Lake,
    requests: Vec<Request>,
) -> Result<Vec<Result<Landed, SubmissionError>>, SubmissionError> {
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let now = site.config.now().max(snapshot.version().created_at);
    snapshot.history().check_open(now).map_err(LakeError::from)?;
    let writer = lake.writer(WriterOptions::from(site.config)).await?;
    let waiting = lake.queued().await?.len();
    if waiting > 0 {
        return Err(SubmissionError::FilesWait { count: waiting });
    }
    // Under the lock: who may submit and who has reported does not change before the landing.
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let ctx = site.session_over(&snapshot)?;
    let territory = Arc::new(site.territory()?);
    site.use_definitions(&writer).await?;
    let mut results = Vec::new();
    let mut landings = Vec::new();
    for request in requests {
        let system = request.system.clone().unwrap_or_else(|| precedence::OWN_SYSTEM.to_owned());
        let reading = async {
            precedence::check(&ctx, &system).await?;
            Ok::<_, SubmissionError>(Reading {
                config: site.config.clone(),
                territory: Arc::clone(&territory),
                remit: request.remit.clone(),
                year: request.year,
                forms: site.definitions.forms.clone(),
                held: Arc::new(Held::find(&ctx, &request.form.code, &system).await?),
            })
        };
        let made = match reading.await {
            Ok(reading) => one(site, &writer, &ctx, &request, &reading, system).await,
            Err(error) => Err(error),
        };
        match made {
            Ok((landing, landed)) => {
                landings.push(landing);
                results.push(Ok(landed));
            }
            Err(error) => results.push(Err(error)),
        }
    }
    let receipts = if landings.is_empty() { Vec::new() } else { writer.land(landings).await? };
    record_changes(site, &writer, &receipts).await?;
    let mut receipts = receipts.into_iter();
    let told = results.into_iter().map(|result| {
        let found: Found = result?;
        let receipt = receipts
            .next()
            .ok_or_else(|| SubmissionError::Panicked("a landing without a receipt".to_owned()))?;
        Ok(Landed { receipt, findings: found.findings, errors: found.errors, warnings: found.warnings })
    });
    Ok(told.collect())
}

/// What was found in one file.
struct Found {
    findings: Vec<Finding>,
    errors: u64,
    warnings: u64,
}

async fn one(
    site: &Site<'_>,
    writer: &Writer,
    ctx: &datafusion::prelude::SessionContext,
    request: &Request,
    reading: &Reading,
    system: String,
) -> Result<(Landing, Found), SubmissionError> {
    let mut prepared = prepare(writer, &request.form, &request.path, reading).await?;
    if request.form.signature == Signing::Required {
        prepared.refuse(&Refusal::missing(&request.form.code));
    }
    if let Some(key) = &request.key {
        let sha256 = prepared.report.content_sha256.as_deref().unwrap_or_default();
        if let Some(submission) = key_used(ctx, request, &prepared.report.file, sha256).await? {
            return Err(SubmissionError::KeyUsed { key: key.clone(), submission });
        }
    }
    let found = Found {
        errors: prepared.report.count(Severity::Error),
        warnings: prepared.report.count(Severity::Warning),
        findings: prepared.report.findings.clone(),
    };
    let from = Origin { subject: request.subject, system: Some(system) };
    let landing = landing(&request.form, prepared, &from, request.year, site.config.now());
    Ok((landing, found))
}

/// The accepted submission of the same name, form and subject whose bytes were others.
async fn key_used(
    ctx: &datafusion::prelude::SessionContext,
    request: &Request,
    file: &str,
    sha256: &str,
) -> Result<Option<i64>, SubmissionError> {
    let subject = request
        .subject
        .map_or_else(|| "subject_bin is null".to_owned(), |subject| format!("subject_bin = {subject}"));
    let sql = format!(
        "select submission from gov.submission where outcome = 'accepted' and form = {} and file_name = {} and {subject} \
         and content_sha256 <> {} order by submission limit 1",
        lookup::quote(&request.form.code),
        lookup::quote(file),
        lookup::quote(sha256)
    );
    let found = lookup::rows(ctx, &sql).await?.into_iter().next();
    Ok(found.and_then(|row| row.into_iter().next().flatten()).and_then(|number| number.parse().ok()))
}
