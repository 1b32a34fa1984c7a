//! What a caller hands over and what it gets back.

use chrono::{DateTime, Utc};

use super::confirmation::Confirmation;
use super::stage::StagedFiles;

/// Fate of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its rows are in the table.
    Accepted,
    /// Only the ledger knows of it.
    Rejected,
}

impl Outcome {
    /// `accepted` or `rejected`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

/// One finding of validation, as the ledger keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingRow {
    /// File the finding is about.
    pub file: String,
    /// Line or row in that file, from 1; `None` = the file as a whole.
    pub row: Option<i64>,
    /// Field; `None` = the row as a whole.
    pub field: Option<String>,
    /// Rule code.
    pub rule: String,
    /// `error` or `warning`.
    pub severity: String,
    /// Offending value; `None` when missing or not to be repeated.
    pub value: Option<String>,
    /// Message, English.
    pub message_en: String,
    /// Message, Russian.
    pub message_ru: String,
    /// Message, Kazakh.
    pub message_kk: String,
}

/// A submission ready to be entered.
#[derive(Debug)]
pub struct Landing {
    /// Form code (`S1.PUPIL`).
    pub form: String,
    /// Year it was submitted for; `None` = the rows say it and may span several.
    pub year: Option<i32>,
    /// SHA-256 of the bytes submitted, hex.
    pub content_sha256: String,
    /// Name of the file submitted.
    pub file_name: String,
    /// BIN of the submitting subject; `None` for published sources.
    pub subject_bin: Option<i64>,
    /// Code of the information system it comes from; `None` = not said.
    pub source_system: Option<String>,
    /// When it arrived.
    pub submitted_at: DateTime<Utc>,
    /// Rows read, accepted or not.
    pub row_count: u64,
    /// Its rows as files; `None` for a rejected submission. Files of a rejected one are deleted.
    pub staged: Option<StagedFiles>,
    /// What validation found, as far as it is kept.
    pub findings: Vec<FindingRow>,
    /// Errors found, including those beyond `findings`.
    pub error_count: u64,
    /// Warnings found, including those beyond `findings`.
    pub warning_count: u64,
    /// Accepted or rejected.
    pub outcome: Outcome,
    /// The verified signature of the head; `None` = unsigned. Entered only with an accepted submission.
    pub confirmation: Option<Box<Confirmation>>,
}

/// Proof that a submission is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Ledger number.
    pub submission: i64,
    /// Form code.
    pub form: String,
    /// Year it was submitted for.
    pub year: Option<i32>,
    /// SHA-256 of the bytes submitted, hex.
    pub content_sha256: String,
    /// Accepted or rejected.
    pub outcome: Outcome,
    /// Rows read.
    pub row_count: u64,
    /// Earlier rows that it superseded.
    pub superseded_row_count: u64,
    /// Lake version that first shows it.
    pub lake_version: u64,
    /// The same bytes were accepted before: this is the earlier receipt and nothing was landed.
    pub is_repeat: bool,
}
