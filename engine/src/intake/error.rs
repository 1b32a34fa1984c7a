//! Errors of intake: I/O and misuse. Bad input is never an error but findings.

use std::path::PathBuf;

/// Why a submission could not be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The file cannot be opened.
    #[error("cannot open submission {}", path.display())]
    Open {
        /// The submission.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be read to its end.
    #[error("cannot read submission {}", path.display())]
    Read {
        /// The submission.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The output of a conversion cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The output.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A check of the form is not an SQL expression over its columns.
    #[error("rule {rule} of form {form} cannot be planned")]
    Rule {
        /// The form.
        form: String,
        /// The rule.
        rule: String,
        /// What the planner says.
        #[source]
        source: Box<datafusion::error::DataFusionError>,
    },
    /// A rule's expression is not a condition.
    #[error("rule {rule} of form {form} yields {found}, not a boolean")]
    RuleType {
        /// The form.
        form: String,
        /// The rule.
        rule: String,
        /// Type of the expression.
        found: String,
    },
    /// A form without what the call needs.
    #[error("form {form} has no {missing}")]
    Form {
        /// The form.
        form: String,
        /// What it lacks.
        missing: &'static str,
    },
    /// The register of territories cannot be parsed.
    #[error("register of territories, line {line}: {message}")]
    Territory {
        /// Line of the file.
        line: u64,
        /// What is wrong with it.
        message: String,
    },
    /// Typed rows cannot be assembled into a batch.
    #[error("cannot assemble rows of form {form}")]
    Batch {
        /// The form.
        form: String,
        /// Why.
        #[source]
        source: datafusion::arrow::error::ArrowError,
    },
    /// The receiver of the rows refused them.
    #[error("rows of {file} were not taken")]
    Deliver {
        /// The submission.
        file: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A template cannot be written.
    #[error("cannot write the template of form {form}")]
    Template {
        /// The form.
        form: String,
        /// Why.
        #[source]
        source: Box<rust_xlsxwriter::XlsxError>,
    },
    /// A worker ended without a result.
    #[error("a worker of intake panicked while reading {file}")]
    Worker {
        /// The submission.
        file: String,
    },
}
