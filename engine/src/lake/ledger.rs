//! Tables of the ledger: what was submitted, found and decided. Rows are only ever added.

use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};

use super::archive::{freeze_event, notice};
use super::spec::TableSpec;

/// Every table of the ledger.
#[must_use]
pub fn ledgers() -> Vec<TableSpec> {
    vec![
        submission(),
        finding(),
        scope(),
        confirmation_event(),
        freeze_event(),
        notice(),
        change(),
        decision(),
        parameter_change(),
        publication(),
    ]
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
            field("source_system", DataType::Utf8),
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

/// `gov.change`: events that a landing brought into the data, counted by organisation and event.
#[must_use]
pub fn change() -> TableSpec {
    TableSpec::ledger(
        "change",
        vec![
            field("submission", DataType::Int64),
            field("form", DataType::Utf8),
            field("year", DataType::Int32),
            field("region", DataType::Int32),
            field("district", DataType::Int32),
            field("org_bin", DataType::Int64),
            field("event", DataType::Utf8),
            field("operation", DataType::Utf8),
            field("event_date", DataType::Date32),
            field("recorded_on", DataType::Date32),
            field("entered_on", DataType::Date32),
            field("change_count", DataType::Int64),
        ],
    )
}

/// `gov.decision`: what a department or the ministry decided on a submission under it.
#[must_use]
pub fn decision() -> TableSpec {
    TableSpec::ledger(
        "decision",
        vec![
            field("decision", DataType::Int64),
            field("submission", DataType::Int64),
            field("authority_bin", DataType::Int64),
            field("outcome", DataType::Utf8),
            field("reason", DataType::Utf8),
            field("decided_at", timestamp()),
        ],
    )
}

/// `gov.parameter_change`: values of parameters set after the build.
#[must_use]
pub fn parameter_change() -> TableSpec {
    TableSpec::ledger(
        "parameter_change",
        vec![
            field("change", DataType::Int64),
            field("name", DataType::Utf8),
            field("value", DataType::Decimal128(18, 4)),
            field("value_before", DataType::Decimal128(18, 4)),
            field("in_force_on", DataType::Date32),
            field("valid_from_year", DataType::Int32),
            field("reason", DataType::Utf8),
            field("changed_at", timestamp()),
        ],
    )
}

/// `gov.publication`: the yearly publications that are out.
#[must_use]
pub fn publication() -> TableSpec {
    TableSpec::ledger(
        "publication",
        vec![
            field("publication", DataType::Utf8),
            field("year", DataType::Int32),
            field("published_on", DataType::Date32),
            field("lake_version", DataType::Int64),
            field("reference", DataType::Utf8),
            field("recorded_at", timestamp()),
        ],
    )
}
