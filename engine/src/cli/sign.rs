//! `bilim submit --signature`, `--prepare`: the head's signature over one file, the envelope to be signed;
//! signatures of files that waited for the lake to reopen.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use futures::TryStreamExt;

use super::args::SubmitArgs;
use super::context::Context;
use super::error::CliError;
use crate::definitions::{Form, Signing};
use crate::intake::signature::{self, Envelope, Refusal, Signed, Submission, Trust, Verdict};
use crate::lake::archive::Queued;
use crate::lake::{AsOf, Confirmation, Lake, Writer};
use crate::query::{self, QueryError};
use crate::submission::Prepared;

/// Largest file read as an envelope, in bytes; intake refuses much smaller ones with a finding.
const MAX_ENVELOPE_BYTES: u64 = 1 << 20;

/// A signature as given on the command line.
pub struct Signature {
    bytes: Vec<u8>,
    envelope: Option<Vec<u8>>,
    trust: Trust,
    subject: i64,
    received_at: DateTime<Utc>,
}

impl Signature {
    /// Read what the arguments name; `None` when nothing is signed.
    pub fn of(context: &Context, args: &SubmitArgs, subject: Option<i64>) -> Result<Option<Self>, CliError> {
        let Some(path) = &args.signature else {
            if args.envelope.is_some() {
                return Err(CliError::Usage("--envelope goes with --signature".to_owned()));
            }
            return Ok(None);
        };
        let trust = trust(context)?;
        let limit = u64::try_from(context.config.signature.max_signature_bytes).unwrap_or(u64::MAX);
        Ok(Some(Self {
            // One byte beyond the limit is enough to be refused with a finding.
            bytes: read(path, limit.saturating_add(1))?,
            envelope: args.envelope.as_deref().map(|path| read(path, MAX_ENVELOPE_BYTES)).transpose()?,
            trust,
            subject: one_file_of_a_subject(args, subject)?,
            received_at: Utc::now(),
        }))
    }

    /// What came with a file that waited.
    pub fn of_queued(
        context: &Context,
        queued: &Queued,
        bytes: Vec<u8>,
        envelope: Option<Vec<u8>>,
    ) -> Result<Self, CliError> {
        let subject = queued.subject_bin.ok_or_else(|| {
            CliError::Usage(format!(
                "queued {}: it is signed and does not say whose head signs",
                queued.number
            ))
        })?;
        Ok(Self { bytes, envelope, trust: trust(context)?, subject, received_at: queued.received_at })
    }

    /// The signature and the envelope that was signed, as given.
    pub fn into_bytes(self) -> (Vec<u8>, Option<Vec<u8>>) {
        (self.bytes, self.envelope)
    }
}

/// A signature and an envelope are about one file of one subject.
pub fn one_file_of_a_subject(args: &SubmitArgs, subject: Option<i64>) -> Result<i64, CliError> {
    if args.files.len() != 1 {
        return Err(CliError::Usage("a signature is over one file: name exactly one".to_owned()));
    }
    subject.ok_or_else(|| CliError::Usage("say whose head signs: --subject BIN".to_owned()))
}

fn trust(context: &Context) -> Result<Trust, CliError> {
    let profile = context.definitions.assets.text(signature::PROFILE)?;
    Ok(Trust::load(&context.config.signature, profile)?)
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    use std::io::Read as _;
    let failed = |source| CliError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(failed)?.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Judge the signature of a prepared file. A refusal becomes a finding of it, and nothing of it lands.
pub async fn confirm(
    context: &Context,
    writer: &Writer,
    form: &Form,
    path: &Path,
    prepared: &mut Prepared,
    given: Option<&Signature>,
) -> Result<Option<Box<Confirmation>>, CliError> {
    let Some(given) = given else {
        if form.signature == Signing::Required {
            prepared.refuse(&Refusal::missing(&form.code));
        }
        return Ok(None);
    };
    let report = &prepared.report;
    // A file that was not read has findings enough.
    let Some(sha256) = report.content_sha256.clone() else { return Ok(None) };
    let previous = previous(context, writer.lake(), form, given.subject, prepared).await?;
    let submission = Submission {
        path,
        file: &report.file,
        file_sha256: &sha256,
        file_size: report.bytes,
        media_type: report.format.map_or("", crate::intake::FileFormat::media_type),
        rows: report.rows,
        years: &report.years,
        form: &form.code,
        subject_bin: given.subject,
        prev_accepted_sha256: previous.as_deref(),
        received_at: given.received_at,
        now: Utc::now(),
    };
    let signed = given.envelope.as_deref().map_or(Signed::File, Signed::Envelope);
    match signature::verify(&given.bytes, signed, &submission, &given.trust)? {
        Verdict::Refused(refusal) => {
            prepared.refuse(&refusal);
            Ok(None)
        }
        Verdict::Verified(confirmation) => match writer.signature_use(&confirmation).await {
            Some(used) => {
                prepared.refuse(&Refusal::replay(used.submission));
                Ok(None)
            }
            None => Ok(Some(confirmation)),
        },
    }
}

/// Write the envelope of a sound file for the head to sign.
pub async fn envelope(
    context: &Context,
    lake: &Lake,
    form: &Form,
    prepared: &Prepared,
    subject: i64,
    target: &PathBuf,
) -> Result<(), CliError> {
    let config = &context.config.signature;
    let audience = config.audience.as_deref().ok_or_else(|| {
        CliError::Usage("name this system: [signature] audience = \"...\" in bilim.toml".to_owned())
    })?;
    let report = &prepared.report;
    let previous = previous(context, lake, form, subject, prepared).await?;
    let now: DateTime<Utc> = Utc::now();
    let submission = Submission {
        path: Path::new(""),
        file: &report.file,
        file_sha256: report.content_sha256.as_deref().unwrap_or_default(),
        file_size: report.bytes,
        media_type: report.format.map_or("", crate::intake::FileFormat::media_type),
        rows: report.rows,
        years: &report.years,
        form: &form.code,
        subject_bin: subject,
        prev_accepted_sha256: previous.as_deref(),
        received_at: now,
        now,
    };
    let not_after = now + TimeDelta::days(i64::from(config.envelope_days));
    let envelope = Envelope::new(&submission, audience, not_after).ok_or_else(|| {
        CliError::Usage("an envelope is for one reporting year: split the file by year".to_owned())
    })?;
    std::fs::write(target, envelope.to_bytes())
        .map_err(|source| CliError::File { path: target.clone(), source })?;
    context.note(&format!("wrote {}: sign exactly these bytes (detached CMS, DER)", target.display()));
    Ok(())
}

/// SHA-256 of the last other file that was accepted for the same form, year and subject.
async fn previous(
    context: &Context,
    lake: &Lake,
    form: &Form,
    subject: i64,
    prepared: &Prepared,
) -> Result<Option<String>, CliError> {
    let years: Vec<i32> = prepared.report.years.iter().copied().collect();
    let [year] = years.as_slice() else { return Ok(None) };
    let (code, own) = (&form.code, prepared.report.content_sha256.as_deref().unwrap_or_default());
    let ctx = context.session_over(&lake.snapshot(AsOf::Latest).await?)?;
    let sql = format!(
        "with covered as (select distinct submission from gov.scope where form = '{code}' and year = {year}), \
         own as (select distinct submission from gov.scope \
                 where form = '{code}' and year = {year} and org_bin = {subject}) \
         select s.content_sha256 from gov.submission s \
         left join covered c on c.submission = s.submission \
         left join own o on o.submission = s.submission \
         where s.outcome = 'accepted' and s.form = '{code}' and s.content_sha256 <> '{own}' \
             and c.submission is not null and (s.subject_bin = {subject} or o.submission is not null) \
         order by s.lake_version desc, s.submission desc limit 1"
    );
    let failed = |error: datafusion::error::DataFusionError| {
        CliError::Query(QueryError::Execution(error.strip_backtrace()))
    };
    let batches: Vec<_> = query::run(&ctx, &sql).await?.try_collect().await.map_err(failed)?;
    let found = batches.iter().find(|batch| batch.num_rows() > 0).and_then(|batch| {
        let texts = cast(batch.column(0), &DataType::Utf8).ok()?;
        let texts = texts.as_string::<i32>();
        texts.is_valid(0).then(|| texts.value(0).to_owned())
    });
    Ok(found)
}

/// A line for people.
pub fn note(context: &Context, name: &str, confirmation: &Confirmation) {
    let whose = if confirmation.role == "head" { "the head" } else { "a delegate of the head" };
    context.note(&format!("{name}: confirmed by the signature of {whose} ({})", confirmation.algorithm));
}
