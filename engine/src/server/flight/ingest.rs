//! Rows of a form over Flight SQL: the same intake, checks and commit as a file.
//!
//! The rows are written to a Parquet file whose bytes do not depend on how the client cut them into messages, so
//! that the same rows sent twice are the same submission. What arrives together lands in one commit.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_flight::FlightData;
use arrow_flight::PutResult;
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use arrow_flight::sql::{CommandStatementIngest, DoPutUpdateResult, TableExistsOption, TableNotExistOption};
use futures::{Stream, StreamExt, stream};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use prost::Message;
use serde_json::{Value, json};
use tonic::metadata::MetadataMap;
use tonic::{Code, Response, Status};

use super::Replies;
use super::call::Call;
use super::messages::RpcStatus;
use super::service::of_upload;
use crate::definitions::{Form, Severity, Subject};
use crate::error::chain;
use crate::intake::Remit;
use crate::lake::Outcome;
use crate::query::{Shaper, plain_schema};
use crate::server::audit;
use crate::server::engine::{Engine, ended};
use crate::server::error::incident;
use crate::session::policy::{Caller, Role, Unit};
use crate::submission::{Landed, Request, SubmissionError};

/// Header or option with the key that makes a repeated submission the same one.
const KEY: &str = "idempotency-key";

/// Header or option with the information system that the rows come from.
const SYSTEM: &str = "source-system";

/// Longest key.
const MAX_KEY: usize = 100;

/// Findings told in a refusal; all are in `gov.finding`.
const TOLD: usize = 10;

/// Findings in the details of a refusal, as JSON.
const DETAILED: usize = 100;

/// Take in the rows of a form.
///
/// # Errors
/// `PERMISSION_DENIED` for a role that submits nothing or not this form, `INVALID_ARGUMENT` for rows that are
/// rejected, with the first findings, `FAILED_PRECONDITION` while updates are suspended, `ALREADY_EXISTS` for a key
/// that was used for other rows.
pub async fn receive(
    engine: &Arc<Engine>,
    call: &Call,
    headers: &MetadataMap,
    command: CommandStatementIngest,
    messages: impl Stream<Item = Result<FlightData, Status>> + Send + Unpin + 'static,
) -> Result<Response<Replies<PutResult>>, Status> {
    check_mode(&command)?;
    let form = form_of(engine, &command)?;
    let (remit, subject) = remit_of(&call.caller, &form)?;
    let option = |name: &str| {
        let header = format!("bilim-{name}");
        let given = headers.get(header.as_str()).and_then(|value| value.to_str().ok());
        given.map(str::to_owned).or_else(|| command.options.get(name).cloned())
    };
    let key = option(KEY).map(check_key).transpose()?;
    let folder = tempfile::tempdir().map_err(|error| unwritten(&error))?;
    let name = match &key {
        Some(key) => format!("flight-key-{key}.parquet"),
        None => format!("flight-{}.parquet", form.table()),
    };
    let path = folder.path().join(name);
    let (there, target) = (Arc::clone(engine), path.clone());
    // Encoding is work for the threads of queries, not for those of the network.
    let writing =
        engine.queries.of(call.caller.role()).spawn(async move { write(&there, &target, messages).await });
    let rows = writing.await.map_err(|error| ended(&error))??;
    let request =
        Request { form: Arc::clone(&form), path, year: None, remit, subject, system: option(SYSTEM), key };
    let mut fields = audit::caller(&call.caller, call.peer);
    extend(&mut fields, json!({ "form": form.code, "rows": rows, "key": request.key }));
    log(engine, "ingest", fields.clone()).await?;
    let there = Arc::clone(engine);
    // In a task of its own: a client that goes away does not take the file from under the landing.
    let landing = engine.queries.of(call.caller.role()).spawn(async move {
        let landed = land(&there, request, fields).await;
        drop(folder);
        landed
    });
    let landed = landing.await.map_err(|error| ended(&error))??;
    reply(&landed, call, rows)
}

/// Land a file, and say so in the log.
async fn land(engine: &Engine, request: Request, mut fields: Value) -> Result<Landed, Status> {
    let result = engine.landings.land(request).await;
    let outcome = match &result {
        Ok(landed) => landed.receipt.outcome.as_str(),
        Err(_) => "failed",
    };
    engine.metrics.ingest(outcome);
    if let Ok(landed) = &result {
        extend(&mut fields, told(landed));
    }
    extend(&mut fields, json!({ "outcome": outcome }));
    log(engine, "ingest ended", fields).await?;
    // Whoever asks next sees its own rows.
    if let Err(error) = engine.refresh().await {
        tracing::warn!(error = %chain(&error), "a new lake version cannot be looked for");
    }
    result.map_err(|error| of_submission(&error))
}

/// Rows are added to a form that there is; what they supersede is the form's business.
fn check_mode(command: &CommandStatementIngest) -> Result<(), Status> {
    let refused =
        || Status::invalid_argument("rows are appended to the table of a form: mode append, not temporary");
    if command.temporary || command.transaction_id.as_ref().is_some_and(|id| !id.is_empty()) {
        return Err(refused());
    }
    let Some(mode) = &command.table_definition_options else { return Ok(()) };
    let creates = mode.if_not_exist == TableNotExistOption::Create as i32;
    let appends = mode.if_exists == TableExistsOption::Append as i32
        || mode.if_exists == TableExistsOption::Unspecified as i32;
    if creates || !appends { Err(refused()) } else { Ok(()) }
}

fn form_of(engine: &Engine, command: &CommandStatementIngest) -> Result<Arc<Form>, Status> {
    let is_raw = command.schema.as_deref().is_none_or(|schema| schema == "raw")
        && command.catalog.as_deref().is_none_or(|catalog| catalog == "bilim");
    let form = engine
        .definitions
        .forms
        .iter()
        .find(|form| form.table() == command.table || form.code.eq_ignore_ascii_case(&command.table));
    form.filter(|_| is_raw).cloned().ok_or_else(|| {
        Status::not_found(format!(
            "there is no form {}: rows go into the tables of forms, for instance raw.s1_pupil",
            command.table
        ))
    })
}

/// What a role may submit of a form, and for whom it does.
fn remit_of(caller: &Caller, form: &Form) -> Result<(Remit, Option<i64>), Status> {
    let refused = || {
        Status::permission_denied(format!("the role {} may not submit the form {}", caller.role(), form.code))
    };
    let is_local = form.subject != Subject::Ministry;
    match (caller.role(), caller.scope()) {
        (Role::Ministry, _) => Ok((Remit::Everything, None)),
        (Role::Region | Role::District, Some(Unit::Region(kato) | Unit::District(kato))) if is_local => {
            let code = kato.to_string().parse().map_err(|_| refused())?;
            Ok((Remit::Territories([code].into()), None))
        }
        (Role::Organisation, Some(Unit::Organisation(bin))) if form.subject == Subject::Organisation => {
            let bin: i64 = bin.to_string().parse().map_err(|_| refused())?;
            Ok((Remit::Organisations([bin].into()), Some(bin)))
        }
        _ => Err(refused()),
    }
}

/// A key becomes part of a name in the ledger.
fn check_key(key: String) -> Result<String, Status> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(is_plain) {
        return Ok(key);
    }
    Err(Status::invalid_argument(format!(
        "the key of a submission has 1 to {MAX_KEY} letters, digits, dots, dashes or underscores"
    )))
}

/// Write the rows to a file; how many there are.
async fn write(
    engine: &Engine,
    path: &Path,
    messages: impl Stream<Item = Result<FlightData, Status>> + Send + Unpin + 'static,
) -> Result<u64, Status> {
    let mut batches = FlightRecordBatchStream::new_from_flight_data(
        messages.map(|message| message.map_err(FlightError::from)),
    );
    let mut open: Option<(Shaper, ArrowWriter<File>)> = None;
    let mut rows = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(of_upload)?;
        rows += batch.num_rows() as u64;
        if rows > engine.config.max_rows {
            return Err(Status::invalid_argument(format!(
                "a submission has at most {} rows",
                engine.config.max_rows
            )));
        }
        if open.is_none() {
            let schema = plain_schema(batch.schema_ref());
            let file = File::create(path).map_err(|error| unwritten(&error))?;
            let properties = WriterProperties::builder().set_created_by("bilim".to_owned()).build();
            let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))
                .map_err(|error| unwritten(&error))?;
            open = Some((Shaper::even(schema), writer));
        }
        let Some((shaper, writer)) = &mut open else { continue };
        // Blocks of a few milliseconds; the file is in memory until a group of rows is full.
        for batch in shaper.push(&batch).map_err(|error| unwritten(&error))? {
            writer.write(&batch).map_err(|error| unwritten(&error))?;
        }
        if writer.bytes_written() as u64 > engine.config.max_file_bytes {
            return Err(Status::invalid_argument(format!(
                "a submission has at most {} bytes",
                engine.config.max_file_bytes
            )));
        }
    }
    let Some((mut shaper, mut writer)) = open else {
        return Err(Status::invalid_argument("a submission without rows"));
    };
    for batch in shaper.finish().map_err(|error| unwritten(&error))? {
        writer.write(&batch).map_err(|error| unwritten(&error))?;
    }
    let mut file = writer.into_inner().map_err(|error| unwritten(&error))?;
    file.flush().map_err(|error| unwritten(&error))?;
    Ok(rows)
}

fn unwritten(error: &dyn std::fmt::Display) -> Status {
    incident(Code::Internal, "the rows could not be taken in", &error.to_string())
}

async fn log(engine: &Engine, event: &str, fields: Value) -> Result<(), Status> {
    engine.audit.write(event, fields).await.map_err(|error| {
        incident(
            Code::Unavailable,
            "nothing is taken in while the audit log cannot be written",
            &chain(&*error),
        )
    })
}

fn extend(target: &mut Value, more: Value) {
    if let (Value::Object(target), Value::Object(more)) = (target, more) {
        target.extend(more);
    }
}

/// The submission, in numbers.
fn told(landed: &Landed) -> Value {
    let receipt = &landed.receipt;
    json!({
        "submission": receipt.submission,
        "outcome": receipt.outcome.as_str(),
        "lake_version": receipt.lake_version,
        "row_count": receipt.row_count,
        "superseded_row_count": receipt.superseded_row_count,
        "is_repeat": receipt.is_repeat,
        "error_count": landed.errors,
        "warning_count": landed.warnings,
    })
}

/// The number of rows where drivers look for it, the submission in a header; a rejection with its findings.
fn reply(landed: &Landed, call: &Call, rows: u64) -> Result<Response<Replies<PutResult>>, Status> {
    let header = told(landed).to_string().parse().map_err(|_| unwritten(&"a reply that is no header"))?;
    if landed.receipt.outcome == Outcome::Rejected {
        let text = rejection(landed, call);
        let details = RpcStatus::new(Code::InvalidArgument, &text, details(landed, call)).encode_to_vec();
        let mut status = Status::with_details(Code::InvalidArgument, text, details.into());
        status.metadata_mut().insert("bilim-submission", header);
        return Err(status);
    }
    let count = i64::try_from(rows).unwrap_or(i64::MAX);
    let result = DoPutUpdateResult { record_count: count };
    let reply = PutResult { app_metadata: result.encode_to_vec().into() };
    let mut response: Response<Replies<PutResult>> = Response::new(Box::pin(stream::iter([Ok(reply)])));
    response.metadata_mut().insert("bilim-submission", header);
    Ok(response)
}

fn rejection(landed: &Landed, call: &Call) -> String {
    let receipt = &landed.receipt;
    let mut text = format!(
        "submission {} is rejected, nothing of it landed: {} errors, {} warnings; all are in gov.finding",
        receipt.submission, landed.errors, landed.warnings
    );
    let errors = landed.findings.iter().filter(|finding| finding.severity == Severity::Error);
    for finding in errors.take(TOLD) {
        let row = finding.row.map(|row| format!("row {row} ")).unwrap_or_default();
        let field = finding.field.as_deref().map(|field| format!("{field} ")).unwrap_or_default();
        // Writing into a string does not fail.
        let _ = write!(text, "\n{row}{field}{}: {}", finding.rule, finding.message.get(call.lang()));
    }
    text
}

/// The findings as JSON.
fn details(landed: &Landed, call: &Call) -> String {
    let findings: Vec<Value> = landed
        .findings
        .iter()
        .take(DETAILED)
        .map(|finding| {
            json!({
                "row": finding.row,
                "field": finding.field,
                "rule": finding.rule,
                "severity": finding.severity.as_str(),
                "message": finding.message.get(call.lang()),
            })
        })
        .collect();
    let mut all = told(landed);
    extend(&mut all, json!({ "findings": findings }));
    all.to_string()
}

/// A submission that could not be taken in, as its caller is told it.
fn of_submission(error: &SubmissionError) -> Status {
    match error {
        SubmissionError::NotAllowed(_) => Status::permission_denied(error.to_string()),
        SubmissionError::UnknownSystem { .. } => Status::invalid_argument(error.to_string()),
        SubmissionError::KeyUsed { .. } => Status::already_exists(error.to_string()),
        SubmissionError::FilesWait { .. } => Status::failed_precondition(error.to_string()),
        SubmissionError::Lake(crate::lake::LakeError::Freeze(inner)) if inner.is_refusal() => {
            Status::failed_precondition(inner.to_string())
        }
        SubmissionError::Lake(crate::lake::LakeError::Locked { .. }) => {
            Status::unavailable("somebody else writes the lake; ask again")
        }
        other => incident(Code::Internal, "the submission could not be taken in", &chain(other)),
    }
}
