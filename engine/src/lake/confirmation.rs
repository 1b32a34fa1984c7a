//! Confirmations: who signed what, as the ledger keeps it, and the files that prove it years later.
//!
//! The files lie in `signatures/`, named by their SHA-256, so that a changed byte shows and the same
//! certificate or list is kept once. They are synced before the landing is decided; a landing that did not
//! happen leaves files that nothing names, which is harmless.
//!
//! A certificate bears its owner's name and IIN, and without it nobody can verify the signature again. So the
//! files are kept whole, readable by the owner of the lake alone (folder 0700, files 0600); no table, view,
//! finding or message repeats what is in them, and no archive copies them: it holds the rows, which name the
//! files by hash.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::error::{LakeError, Result};
use super::files::TableFiles;
use super::layout::Layout;
use super::spec::TableSpec;
use super::store::Created;
use super::version::sha256_hex;

/// A verified signature over a submission. It names no person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Form code.
    pub form: String,
    /// Reporting year; `None` when the file holds several.
    pub year: Option<i32>,
    /// BIN of the subject whose head signed.
    pub subject_bin: i64,
    /// `head` or `delegate`.
    pub role: String,
    /// Serial number of the certificate, hex.
    pub certificate_serial: String,
    /// For instance `RSA SHA-256`.
    pub algorithm: String,
    /// The time stamp, or else when the signature was verified.
    pub signed_at: DateTime<Utc>,
    /// Whether a time stamp proves it.
    pub is_time_stamped: bool,
    /// SHA-256 of the file that is confirmed, hex.
    pub file_sha256: String,
    /// SHA-256 of the envelope; `None` = the file itself was signed.
    pub envelope_sha256: Option<String>,
    /// Identifier of the submission in the envelope.
    pub submission_id: Option<String>,
    /// Nonce of the envelope.
    pub nonce: Option<String>,
    /// SHA-256 of what was signed in the end (the signed attributes): the identity of a signature, however
    /// it is packed.
    pub signature_sha256: String,
    /// SHA-256 of the CMS, the name of its file.
    pub cms_sha256: String,
    /// What proves it: the CMS with its time stamp and OCSP responses, the envelope, the chain, the lists.
    pub evidence: Vec<Evidence>,
}

/// A file of proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Ending of its name: `p7s`, `json`, `cer`, `crl`.
    pub ending: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Evidence {
    /// Name of its file.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", sha256_hex(&self.bytes), self.ending)
    }
}

/// What a signature was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureUse {
    /// Ledger number of the submission.
    pub submission: i64,
    form: String,
    year: Option<i32>,
    subject_bin: i64,
    file_sha256: String,
}

impl SignatureUse {
    /// Whether this confirmation would be the same again, which harms nothing.
    fn is_same(&self, other: &Confirmation) -> bool {
        self.form.eq_ignore_ascii_case(&other.form)
            && self.year == other.year
            && self.subject_bin == other.subject_bin
            && self.file_sha256 == other.file_sha256
    }
}

/// Signatures, envelopes and nonces that were used.
#[derive(Debug, Default)]
pub(super) struct Used(HashMap<String, SignatureUse>);

impl Used {
    /// The other submission for which this signature or envelope was used.
    pub(super) fn elsewhere(&self, confirmation: &Confirmation) -> Option<&SignatureUse> {
        tokens(confirmation).find_map(|token| self.0.get(&token)).filter(|known| !known.is_same(confirmation))
    }

    /// Whether exactly this signature is in the ledger.
    pub(super) fn holds(&self, confirmation: &Confirmation) -> bool {
        self.0.contains_key(&format!("signature {}", confirmation.signature_sha256))
    }

    /// Remember a confirmation.
    pub(super) fn add(&mut self, submission: i64, confirmation: &Confirmation) {
        let known = SignatureUse {
            submission,
            form: confirmation.form.clone(),
            year: confirmation.year,
            subject_bin: confirmation.subject_bin,
            file_sha256: confirmation.file_sha256.clone(),
        };
        for token in tokens(confirmation) {
            self.0.entry(token).or_insert_with(|| known.clone());
        }
    }

    /// Read `gov.confirmation_event`.
    pub(super) fn read(table: &TableFiles) -> Result<Self> {
        let mut used = Self::default();
        each_batch(table, |batch| used.take(batch))?;
        Ok(used)
    }

    fn take(&mut self, batch: &RecordBatch) -> Option<()> {
        let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let long = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
        let (submissions, subjects) = (long("submission")?, long("subject_bin")?);
        let years = batch.column_by_name("year")?.as_primitive_opt::<Int32Type>()?;
        let (forms, files) = (text("form")?, text("file_sha256")?);
        let kinds = [
            ("signature", text("signature_sha256")?),
            ("envelope", text("envelope_sha256")?),
            ("submission", text("submission_id")?),
            ("nonce", text("nonce")?),
        ];
        for row in 0..batch.num_rows() {
            let known = SignatureUse {
                submission: submissions.value(row),
                form: forms.value(row).to_owned(),
                year: years.is_valid(row).then(|| years.value(row)),
                subject_bin: subjects.value(row),
                file_sha256: files.value(row).to_owned(),
            };
            for (kind, values) in &kinds {
                if values.is_valid(row) {
                    let token = format!("{kind} {}", values.value(row));
                    self.0.entry(token).or_insert_with(|| known.clone());
                }
            }
        }
        Some(())
    }
}

/// Names of the files of proof that the ledger names.
pub(super) fn evidence(table: &TableFiles) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    each_batch(table, |batch| {
        let lists = batch.column_by_name("evidence")?.as_string_opt::<i32>()?;
        names.extend(lists.iter().flatten().flat_map(|list| list.split(' ')).map(str::to_owned));
        Some(())
    })?;
    Ok(names)
}

/// Hand every batch of a ledger table over; `None` = it lacks a column.
fn each_batch(table: &TableFiles, mut take: impl FnMut(&RecordBatch) -> Option<()>) -> Result<()> {
    for file in &table.files {
        let path = table.folder.join(&file.path);
        let opened = table.store.data(&path)?;
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(opened).and_then(ParquetRecordBatchReaderBuilder::build);
        for batch in reader.map_err(LakeError::parquet("read", &path))? {
            let batch = batch.map_err(LakeError::arrow(&table.name))?;
            take(&batch).ok_or_else(|| LakeError::damaged(&path, "it lacks a column of the ledger"))?;
        }
    }
    Ok(())
}

/// What may not be used twice.
fn tokens(confirmation: &Confirmation) -> impl Iterator<Item = String> {
    let signature = Some(&confirmation.signature_sha256);
    let kinds = [
        ("signature", signature),
        ("envelope", confirmation.envelope_sha256.as_ref()),
        ("submission", confirmation.submission_id.as_ref()),
        ("nonce", confirmation.nonce.as_ref()),
    ];
    kinds.into_iter().filter_map(|(kind, value)| value.map(|value| format!("{kind} {value}")))
}

/// Keep the files that prove a confirmation, synced.
pub(super) fn keep(layout: &Layout, confirmation: &Confirmation) -> Result<()> {
    let folder = layout.signatures();
    layout.store().private_folder(&folder)?;
    for evidence in &confirmation.evidence {
        let path = folder.join(evidence.name());
        if layout.store().create_once(&path, &evidence.bytes)? == Created::Different {
            return Err(LakeError::damaged(&path, "it is not what its name says"));
        }
    }
    Ok(())
}

/// Rows of `gov.confirmation_event`.
pub(super) fn rows(spec: &TableSpec, entered: &[(i64, u64, &Confirmation)]) -> Result<RecordBatch> {
    let texts = |value: &dyn Fn(&Confirmation) -> Option<String>| -> ArrayRef {
        Arc::new(entered.iter().map(|(.., confirmation)| value(confirmation)).collect::<StringArray>())
    };
    let times: TimestampMicrosecondArray = entered
        .iter()
        .map(|(.., confirmation)| Some(confirmation.signed_at.timestamp_millis() * 1000))
        .collect();
    let names = |confirmation: &Confirmation| {
        let names: Vec<String> = confirmation.evidence.iter().map(Evidence::name).collect();
        Some(names.join(" "))
    };
    RecordBatch::try_new(
        Arc::clone(&spec.schema),
        vec![
            Arc::new(entered.iter().map(|(submission, ..)| Some(*submission)).collect::<Int64Array>()),
            texts(&|confirmation| Some(confirmation.form.clone())),
            Arc::new(entered.iter().map(|(.., confirmation)| confirmation.year).collect::<Int32Array>()),
            Arc::new(
                entered
                    .iter()
                    .map(|(.., confirmation)| Some(confirmation.subject_bin))
                    .collect::<Int64Array>(),
            ),
            texts(&|confirmation| Some(confirmation.role.clone())),
            Arc::new(times.with_timezone("UTC")),
            Arc::new(
                entered
                    .iter()
                    .map(|(.., confirmation)| Some(confirmation.is_time_stamped))
                    .collect::<BooleanArray>(),
            ),
            texts(&|confirmation| Some(confirmation.algorithm.clone())),
            texts(&|confirmation| Some(confirmation.certificate_serial.clone())),
            texts(&|confirmation| Some(confirmation.file_sha256.clone())),
            texts(&|confirmation| confirmation.envelope_sha256.clone()),
            texts(&|confirmation| confirmation.submission_id.clone()),
            texts(&|confirmation| confirmation.nonce.clone()),
            texts(&|confirmation| Some(confirmation.signature_sha256.clone())),
            texts(&|confirmation| Some(confirmation.cms_sha256.clone())),
            texts(&names),
            Arc::new(
                entered
                    .iter()
                    .map(|(_, version, _)| Some(i64::try_from(*version).unwrap_or(i64::MAX)))
                    .collect::<Int64Array>(),
            ),
        ],
    )
    .map_err(LakeError::arrow(&spec.name))
}
