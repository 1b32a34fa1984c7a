//! Intake: bytes of a submission -> typed rows and findings.
//!
//! [`read`] takes a CSV, XLSX, NDJSON or Parquet file, checks every cell and every
//! row against a form and hands typed batches on, in file order, while it goes; the
//! [`Report`] at the end names everything that is wrong. Bad input is findings, never an
//! error. Every loop over outside data is bounded by a field of `Config`.
//!
//! Intake knows neither Delta nor other submissions: rules that need other rows than the
//! file's own run over the lake after landing. It never repairs a value and never casts
//! one: what is not what the form asks for is a finding.
//!
//! Flow: `source` cuts a file into blocks and turns a block into a `grid` of cells;
//! `check` types the grid and applies the rules; `pipeline` runs both on several threads
//! and keeps the order; `keys` compares all rows at the end.

mod cells;
mod check;
mod check_text;
mod column;
mod error;
mod finding;
mod grid;
mod header;
mod ids;
mod input;
mod keys;
mod members;
mod pipeline;
mod pseudonymise;
mod remit;
mod row_rules;
pub mod rules;
pub mod signature;
mod source;
mod statistical;
mod template;
mod territory;
#[cfg(test)]
mod tests;

pub use error::IntakeError;
pub use finding::{Finding, FindingCount};
pub use pseudonymise::pseudonymise;
pub use remit::Remit;
pub use template::{template_csv, template_xlsx};
pub use territory::{Standing, TerritoryCheck};

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;

use crate::config::Config;
use crate::definitions::{Form, Severity};
use finding::{At, Findings};
use input::Input;

/// How a submission is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Reporting year of every row; `None` = the file's column `year` says it.
    pub year: Option<i32>,
    /// Limits.
    pub config: &'a Config,
    /// Register of territory codes; `None` = codes are only checked for their shape.
    pub territory: Option<&'a TerritoryCheck>,
    /// What the submitter may submit.
    pub remit: &'a Remit,
    /// Forms to look for when the columns do not fit.
    pub other_forms: &'a [Arc<Form>],
}

impl<'a> Options<'a> {
    /// Read with these limits, without a year, register, remit or other forms.
    #[must_use]
    pub fn new(config: &'a Config) -> Self {
        Self { year: None, config, territory: None, remit: &Remit::Everything, other_forms: &[] }
    }
}

/// Format of a file, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Delimited text.
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// Workbook of Excel 97 to 2003.
    Xls,
    /// One JSON object a line.
    Ndjson,
    /// Parquet.
    Parquet,
}

impl FileFormat {
    /// `csv`, `xlsx`, `xls`, `ndjson` or `parquet`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }

    /// Media type, as envelopes name it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// What was found in a submission.
#[derive(Debug, Clone)]
pub struct Report {
    /// Name of the file, without folders.
    pub file: String,
    /// Format; `None` = none that is read.
    pub format: Option<FileFormat>,
    /// Size of the file in bytes, as far as it was read.
    pub bytes: u64,
    /// SHA-256 of the file in hex; `None` = the file exceeds its size limit and was not read.
    pub content_sha256: Option<String>,
    /// Data rows that were checked.
    pub rows: u64,
    /// Reporting years of the rows.
    pub years: BTreeSet<i32>,
    /// Findings, those of the whole file first, then in row order; at most `Config::max_findings`,
    /// and at most a tenth of that (100 at least) of one rule on one field.
    pub findings: Vec<Finding>,
    /// Number of all findings, kept or not, by rule code and field (empty = none).
    pub counts: BTreeMap<(String, String), FindingCount>,
}

impl Report {
    /// Number of findings of one severity, kept or not.
    #[must_use]
    pub fn count(&self, severity: Severity) -> u64 {
        self.counts.values().filter(|found| found.severity == severity).map(|found| found.count).sum()
    }

    /// Add warnings that the lake, not the file, gives reason for.
    pub fn warn(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            let key = (finding.rule.clone(), finding.field.clone().unwrap_or_default());
            let count =
                self.counts.entry(key).or_insert(FindingCount { severity: finding.severity, count: 0 });
            count.count += 1;
            self.findings.push(finding);
        }
    }

    /// Whether the submission may land: no finding is an error.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.count(Severity::Error) == 0
    }

    /// Add what was found outside the file, for instance by its signature; before all other findings.
    pub fn add(&mut self, finding: Finding) {
        let key = (finding.rule.clone(), finding.field.clone().unwrap_or_default());
        let count = self.counts.entry(key).or_insert(FindingCount { severity: finding.severity, count: 0 });
        count.count += 1;
        self.findings.insert(0, finding);
    }
}

/// Read a submission.
///
/// Batches of `form.row_schema()` (`year`, `region`, fields) go to `deliver` in file order, on
/// this thread. Once an error has been found nothing more is delivered, but every row is still
/// checked: what was delivered is worth something only if [`Report::is_accepted`].
///
/// # Errors
/// [`IntakeError`] when the file cannot be read, a rule of the form cannot be planned, or
/// `deliver` fails. Bad input is findings.
pub fn read<E>(
    form: &Arc<Form>,
    path: &Path,
    options: &Options<'_>,
    mut deliver: impl FnMut(RecordBatch) -> Result<(), E>,
) -> Result<Report, IntakeError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut input = Input::open(path)?;
    let mut findings = Findings::new(input.name(), options.config.max_findings);
    let mut report = Report {
        file: input.name().to_owned(),
        format: None,
        bytes: 0,
        content_sha256: None,
        rows: 0,
        years: BTreeSet::new(),
        findings: Vec::new(),
        counts: BTreeMap::new(),
    };
    if input.check_size(options.config.max_file_bytes, "max_file_bytes", &mut findings) {
        let opened = source::open(form, &mut input, options, &mut findings)?;
        report.format = opened.format;
        if let Some((layout, source)) = opened.rows {
            let checker = check::Checker::new(form, layout, options)?;
            let mut take = |batch| {
                let file = report.file.clone();
                deliver(batch).map_err(|source| IntakeError::Deliver { file, source: source.into() })
            };
            let totals = pipeline::run(&mut input, source, &checker, options, &mut findings, &mut take)?;
            report.rows = totals.rows;
            report.years = totals.years;
            if totals.rows == 0 && findings.total(Severity::Error) == 0 {
                findings.add(rules::EMPTY, At::FILE, Vec::new);
            }
        }
        let (bytes, hash) = input.finish()?;
        report.bytes = bytes;
        report.content_sha256 = hash;
    }
    (report.findings, report.counts) = findings.finish();
    Ok(report)
}
