//! Tables of the ledger: what was submitted, found and decided. Rows are only ever added.

use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};

use super::archive::{freeze_event, notice};
use super::spec::TableSpec;

/// Every table of the ledger.
#[must_use]
pub fn ledgers() -> Vec<TableSpec> {
    vec![submission(), finding(), scope(), confirmation_event(), freeze_event(), notice()]
}

fn field(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

/// Time in the ledger: microseconds, UTC.
pub(super) fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// `gov.submission`: one row per submission, accepted or rejected.
#[must_use]
pub fn submission() -> TableSpec {
    TableSpec::ledger(
        "submission",
        vec![
            field("submission", DataType::Int64),
            field("form", DataType::Utf8),
            field("year", DataType::Int32),
            field("file_name", DataType::Utf8),
            field("content_sha256", DataType::Utf8),
            field("subject_bin", DataType::Int64),
            field("submitted_at", timestamp()),
            field("outcome", DataType::Utf8),
            field("row_count", DataType::Int64),
            field("superseded_row_count", DataType::Int64),
            field("error_count", DataType::Int64),
            field("warning_count", DataType::Int64),
            field("lake_version", DataType::Int64),
            field("definitions", DataType::Utf8),
        ],
    )
}

/// `gov.finding`: one row per finding of a submission.
#[must_use]
pub fn finding() -> TableSpec {
    TableSpec::ledger(
        "finding",
        vec![
            field("submission", DataType::Int64),
            field("file", DataType::Utf8),
            field("row", DataType::Int64),
            field("field", DataType::Utf8),
            field("rule", DataType::Utf8),
            field("severity", DataType::Utf8),
            field("value", DataType::Utf8),
            field("message_en", DataType::Utf8),
            field("message_ru", DataType::Utf8),
            field("message_kk", DataType::Utf8),
        ],
    )
}

/// `gov.scope`: what an accepted submission covered, by organisation.
#[must_use]
pub fn scope() -> TableSpec {
    TableSpec::ledger(
        "scope",
        vec![
            field("submission", DataType::Int64),
            field("form", DataType::Utf8),
            field("year", DataType::Int32),
            field("region", DataType::Int32),
            field("district", DataType::Int32),
            field("org_bin", DataType::Int64),
            field("row_count", DataType::Int64),
        ],
    )
}

/// `gov.confirmation_event`: one row per verified signature over an accepted submission.
#[must_use]
pub fn confirmation_event() -> TableSpec {
    TableSpec::ledger(
        "confirmation_event",
        vec![
            field("submission", DataType::Int64),
            field("form", DataType::Utf8),
            field("year", DataType::Int32),
            field("subject_bin", DataType::Int64),
            field("role", DataType::Utf8),
            field("signed_at", timestamp()),
            field("is_time_stamped", DataType::Boolean),
            field("algorithm", DataType::Utf8),
            field("certificate_serial", DataType::Utf8),
            field("file_sha256", DataType::Utf8),
            field("envelope_sha256", DataType::Utf8),
            field("submission_id", DataType::Utf8),
            field("nonce", DataType::Utf8),
            field("signature_sha256", DataType::Utf8),
            field("cms_sha256", DataType::Utf8),
            field("evidence", DataType::Utf8),
            field("lake_version", DataType::Int64),
        ],
    )
}
