//! Rows of the ledger: writing them for a batch, reading back what is known.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::error::{LakeError, Result};
use super::files::TableFiles;
use super::landing::{Landing, Outcome, Receipt};
use super::spec::TableSpec;

/// What makes two submissions the same: form, year, content.
pub(super) type Content = (String, Option<i32>, String);

pub(super) fn content(form: &str, year: Option<i32>, sha256: &str) -> Content {
    (form.to_ascii_uppercase(), year, sha256.to_ascii_lowercase())
}

/// Accepted submissions by content.
pub(super) type Known = HashMap<Content, Receipt>;

fn batch(spec: &TableSpec, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    RecordBatch::try_new(Arc::clone(&spec.schema), columns).map_err(LakeError::arrow(&spec.name))
}

fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Rows of `gov.submission`.
pub(super) fn submissions(
    spec: &TableSpec,
    entered: &[(&Landing, &Receipt)],
    definitions: Option<&str>,
) -> Result<RecordBatch> {
    let longs = |value: &dyn Fn(&Landing, &Receipt) -> Option<i64>| -> ArrayRef {
        Arc::new(entered.iter().map(|(landing, receipt)| value(landing, receipt)).collect::<Int64Array>())
    };
    let texts = |value: &dyn Fn(&Landing, &Receipt) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            entered.iter().map(|(landing, receipt)| value(landing, receipt)),
        ))
    };
    // Milliseconds: what the statistics of the log carry exactly.
    let times: TimestampMicrosecondArray =
        entered.iter().map(|(landing, _)| Some(landing.submitted_at.timestamp_millis() * 1000)).collect();
    batch(
        spec,
        vec![
            longs(&|_, receipt| Some(receipt.submission)),
            texts(&|landing, _| landing.form.clone()),
            Arc::new(entered.iter().map(|(landing, _)| landing.year).collect::<Int32Array>()),
            texts(&|landing, _| landing.file_name.clone()),
            texts(&|landing, _| landing.content_sha256.to_ascii_lowercase()),
            longs(&|landing, _| landing.subject_bin),
            Arc::new(times.with_timezone("UTC")),
            texts(&|landing, _| landing.outcome.as_str().to_owned()),
            longs(&|landing, _| Some(int(landing.row_count))),
            longs(&|_, receipt| Some(int(receipt.superseded_row_count))),
            longs(&|landing, _| Some(int(landing.error_count))),
            longs(&|landing, _| Some(int(landing.warning_count))),
            longs(&|_, receipt| Some(int(receipt.lake_version))),
            Arc::new(entered.iter().map(|_| definitions).collect::<StringArray>()),
            Arc::new(
                entered.iter().map(|(landing, _)| landing.source_system.as_deref()).collect::<StringArray>(),
            ),
        ],
    )
}

/// Rows of `gov.finding`.
pub(super) fn findings(spec: &TableSpec, entered: &[(&Landing, &Receipt)]) -> Result<RecordBatch> {
    let rows: Vec<_> = entered
        .iter()
        .flat_map(|(landing, receipt)| {
            landing.findings.iter().map(move |finding| (receipt.submission, finding))
        })
        .collect();
    macro_rules! texts {
        ($($field:ident).+) => {
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, finding)| &finding.$($field).+))) as ArrayRef
        };
    }
    batch(
        spec,
        vec![
            Arc::new(rows.iter().map(|(number, _)| *number).collect::<Int64Array>()),
            texts!(file),
            Arc::new(rows.iter().map(|(_, finding)| finding.row).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|(_, finding)| finding.field.as_deref()).collect::<StringArray>()),
            texts!(rule),
            texts!(severity),
            Arc::new(rows.iter().map(|(_, finding)| finding.value.as_deref()).collect::<StringArray>()),
            texts!(message_en),
            texts!(message_ru),
            texts!(message_kk),
        ],
    )
}

/// Rows of `gov.scope`.
pub(super) fn scopes(spec: &TableSpec, entered: &[(&Landing, &Receipt)]) -> Result<RecordBatch> {
    let mut rows = Vec::new();
    for (landing, receipt) in entered {
        for (partition, territory, organisation, count) in
            landing.staged.iter().flat_map(|staged| staged.counts.iter())
        {
            let (year, region) = (partition.first().copied(), partition.get(1).copied());
            rows.push((receipt.submission, &landing.form, year, region, territory, organisation, count));
        }
    }
    batch(
        spec,
        vec![
            Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.1))),
            Arc::new(rows.iter().map(|row| row.2).collect::<Int32Array>()),
            Arc::new(rows.iter().map(|row| row.3).collect::<Int32Array>()),
            Arc::new(rows.iter().map(|row| row.4).collect::<Int32Array>()),
            Arc::new(rows.iter().map(|row| row.5).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| int(row.6)).collect::<Int64Array>()),
        ],
    )
}

/// Read the accepted submissions of the ledger.
pub(super) fn known(table: &TableFiles) -> Result<Known> {
    let mut known = Known::new();
    for file in &table.files {
        let path = table.folder.join(&file.path);
        let opened = table.store.data(&path)?;
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(opened).and_then(ParquetRecordBatchReaderBuilder::build);
        for batch in reader.map_err(LakeError::parquet("read", &path))? {
            let batch = batch.map_err(LakeError::arrow(&table.name))?;
            read_known(&batch, &mut known)
                .ok_or_else(|| LakeError::damaged(&path, "it lacks a column of the ledger"))?;
        }
    }
    Ok(known)
}

fn read_known(batch: &RecordBatch, known: &mut Known) -> Option<()> {
    let long = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let (numbers, forms, hashes) = (long("submission")?, text("form")?, text("content_sha256")?);
    let years = batch.column_by_name("year")?.as_primitive_opt::<Int32Type>()?;
    let (outcomes, versions) = (text("outcome")?, long("lake_version")?);
    let (rows, superseded) = (long("row_count")?, long("superseded_row_count")?);
    let unsigned = |value: i64| u64::try_from(value).unwrap_or_default();
    for row in 0..batch.num_rows() {
        if outcomes.value(row) != Outcome::Accepted.as_str() {
            continue;
        }
        let year = years.is_valid(row).then(|| years.value(row));
        let receipt = Receipt {
            submission: numbers.value(row),
            form: forms.value(row).to_owned(),
            year,
            content_sha256: hashes.value(row).to_owned(),
            outcome: Outcome::Accepted,
            row_count: unsigned(rows.value(row)),
            superseded_row_count: unsigned(superseded.value(row)),
            lake_version: unsigned(versions.value(row)),
            is_repeat: false,
        };
        known.insert(content(forms.value(row), year, hashes.value(row)), receipt);
    }
    Some(())
}
