//! An answer on its way: planned, run, shaped, encoded and counted on the threads of queries, sent through a short
//! channel. The client going away, a call to cancel and the clock all end it by dropping it.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use arrow_flight::FlightData;
use arrow_flight::encode::FlightDataEncoderBuilder;
use arrow_flight::error::FlightError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::CompressionType;
use datafusion::arrow::ipc::writer::IpcWriteOptions;
use datafusion::execution::SendableRecordBatchStream;
use futures::{FutureExt, Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tonic::{Code, Status};
use uuid::Uuid;

use super::call::Call;
use super::messages::Part;
use crate::config::Compression;
use crate::error::chain;
use crate::query::{self, Answer, AnswerKey, Resolved, Shaper};
use crate::server::audit;
use crate::server::engine::{Engine, Opened, ended};
use crate::server::error::{Stop, incident, of_query};
use crate::server::running::{Entry, Phase, Running};
use crate::session;

/// Messages on their way to the client; more would only wait in memory.
const CHANNEL: usize = 4;

/// Bytes of a message: below the four megabytes that plain clients accept, also where texts are of uneven length.
const MESSAGE_BYTES: usize = 1 << 20;

/// Bytes of a message whose columns are all of fixed width, where the size is exact.
const FIXED_MESSAGE_BYTES: usize = 2 << 20;

/// Messages of an answer.
pub type Messages = Pin<Box<dyn Stream<Item = Result<FlightData, Status>> + Send>>;

/// A statement to be answered.
pub struct Question {
    /// Number of the statement.
    pub id: Uuid,
    /// Who asks.
    pub call: Call,
    /// Its text.
    pub sql: String,
    /// Values of its parameters.
    pub parameters: Option<RecordBatch>,
    /// The part of the answer that is meant; none = all of it.
    pub part: Option<Part>,
    /// How long it may take.
    pub timeout: Duration,
}

/// Begin to answer.
#[must_use]
pub fn start(engine: &Arc<Engine>, opened: Arc<Opened>, question: Question) -> Messages {
    let (sender, receiver) = mpsc::channel(CHANNEL);
    let engine = Arc::clone(engine);
    let threads = engine.queries.of(question.call.caller.role()).clone();
    threads.spawn(async move {
        let last = sender.clone();
        // In a task of its own, so that a panic is told to the client and not taken for the end of the rows.
        let answering = tokio::spawn(async move { Box::pin(answer(engine, opened, question, sender)).await });
        if let Err(error) = answering.await {
            let _ = last.send(Err(ended(&error))).await;
        }
    });
    Box::pin(stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|message| (message, receiver))
    }))
}

type Sender = mpsc::Sender<Result<FlightData, Status>>;

/// How it ended, when not with its last row.
enum End {
    Stopped(Stop),
    Failed(Status),
}

async fn answer(engine: Arc<Engine>, opened: Arc<Opened>, question: Question, sender: Sender) {
    let caller = question.call.caller.clone();
    let version = opened.snapshot.number();
    let mut entry = engine.registry.enter(question.id, caller.clone(), question.sql.clone(), version);
    let running = Arc::clone(entry.running());
    let outcome = tokio::select! {
        biased;
        () = sender.closed() => Err(End::Stopped(Stop::Left)),
        stop = running.stopped() => Err(End::Stopped(stop)),
        () = tokio::time::sleep(question.timeout) => Err(End::Stopped(Stop::Timeout)),
        result = AssertUnwindSafe(Box::pin(run(&engine, &opened, &question, &running, &sender))).catch_unwind() => {
            // A panic of the engine is the end of this statement, in the log like any other.
            result.unwrap_or_else(|_| Err(panicked())).map_err(End::Failed)
        }
    };
    let (name, status) = match outcome {
        Ok(()) => ("answered", None),
        Err(End::Stopped(stop)) => (stop.as_str(), Some(stop.status())),
        Err(End::Failed(status)) => (of_code(status.code()), Some(status)),
    };
    finish(&engine, &mut entry, &question, name, status.as_ref()).await;
    if let Some(status) = status {
        let _ = sender.send(Err(status)).await;
    }
}

fn panicked() -> Status {
    incident(Code::Internal, "the statement failed", "a panic, told above in this log")
}

/// Count it and add the last line about it to the log.
async fn finish(
    engine: &Engine,
    entry: &mut Entry,
    question: &Question,
    outcome: &'static str,
    status: Option<&Status>,
) {
    let running = Arc::clone(entry.running());
    entry.ended(outcome);
    let (rows, bytes, elapsed) = (running.rows(), running.bytes(), running.elapsed());
    engine.metrics.query(running.caller.role(), outcome, elapsed, rows, bytes);
    let mut fields = about(question, running.lake_version);
    merge(
        &mut fields,
        json!({
            "outcome": outcome,
            "rows": rows,
            "bytes": bytes,
            "milliseconds": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            "told": status.map(Status::message),
        }),
    );
    // What was answered stands in the line written before; this one cannot take it back, and nobody waits for it.
    engine.audit.add("query ended", fields).await;
}

async fn run(
    engine: &Engine,
    opened: &Opened,
    question: &Question,
    running: &Arc<Running>,
    sender: &Sender,
) -> Result<(), Status> {
    let _place = engine.admission.enter(&question.call.caller).await?;
    running.enter(Phase::Planning);
    let resolved = opened.resolve(&question.sql).await?;
    let bound = resolved.bind(question.parameters.as_ref()).map_err(|error| of_query(&error))?;
    let (key, source) = source(engine, opened, question, &bound).await?;
    let (runtime, memory) = session::of_query(&engine.runtime, engine.config.server.memory_per_query_bytes);
    running.uses(memory);
    // Before the first message leaves: what cannot be recorded is not answered.
    let mut fields = about(question, running.lake_version);
    merge(&mut fields, json!({ "snapshot_sha256": opened.snapshot.sha256() }));
    engine.audit.write("query", fields).await.map_err(|error| {
        incident(
            Code::Unavailable,
            "nothing is answered while the audit log cannot be written",
            &chain(&*error),
        )
    })?;
    running.enter(Phase::Running);
    let rows = match (source, question.part) {
        (Source::Kept(rows), _) => Ok(rows),
        (Source::Planned(answer), None) => answer.start(&opened.ctx, runtime),
        (Source::Planned(answer), Some(part)) if part.count as usize == answer.part_count() => {
            answer.start_part(part.index as usize, &opened.ctx, runtime)
        }
        // The plan is that of the same version, so this is a bug or another build.
        (Source::Planned(_), Some(_)) => {
            return Err(Status::aborted("the parts of this answer have changed; ask again"));
        }
    };
    let mut rows = rows.map_err(|error| of_query(&error))?;
    if let Some(key) = key {
        rows = engine.results.keep(key, rows);
    }
    let limits =
        Limits { rows: engine.config.server.max_result_rows, bytes: engine.config.server.max_result_bytes };
    let schema = Arc::clone(bound.schema());
    let mut messages = encoder(engine.config.server.compression, &schema)?.build(shaped(
        rows,
        Arc::clone(&schema),
        Arc::clone(running),
        limits.rows,
    ));
    while let Some(message) = messages.next().await {
        let message = message.map_err(|error| of_flight(&error))?;
        let bytes = (message.data_header.len() + message.data_body.len()) as u64;
        if running.bytes() + bytes > limits.bytes {
            return Err(Status::resource_exhausted(format!("an answer has at most {} bytes", limits.bytes)));
        }
        running.sent(0, bytes);
        if sender.send(Ok(message)).await.is_err() {
            return Err(Stop::Left.status());
        }
    }
    Ok(())
}

/// Where the rows of an answer come from.
enum Source {
    /// They were answered before.
    Kept(SendableRecordBatchStream),
    /// They are computed.
    Planned(Answer),
}

/// Kept rows, or a plan and the name under which its rows are to be kept.
async fn source(
    engine: &Engine,
    opened: &Opened,
    question: &Question,
    bound: &Resolved,
) -> Result<(Option<AnswerKey>, Source), Status> {
    // A part is worth making because the whole is too large to be kept.
    let is_whole = question.part.is_none();
    let key = if is_whole && bound.is_repeatable() {
        opened.key(&engine.results, &question.sql, question.parameters.as_ref())
    } else {
        None
    };
    if let Some(rows) = key.as_ref().and_then(|key| engine.results.find(key)) {
        engine.metrics.reused();
        return Ok((None, Source::Kept(rows.map_err(|error| of_query(&error))?)));
    }
    let answer = match opened.take_ready(question.id) {
        Some(answer) if is_whole => answer,
        _ => bound.prepare(&opened.ctx).await.map_err(|error| of_query(&error))?,
    };
    Ok((key, Source::Planned(answer)))
}

struct Limits {
    rows: u64,
    bytes: u64,
}

/// The engine's batches in the shape of the wire, up to a number of rows.
fn shaped(
    rows: SendableRecordBatchStream,
    schema: SchemaRef,
    running: Arc<Running>,
    most: u64,
) -> impl Stream<Item = Result<RecordBatch, FlightError>> + Send {
    let state = Some((rows, Shaper::new(schema), running));
    let batches = stream::unfold(state, move |state| async move {
        let (mut rows, mut shaper, running) = state?;
        loop {
            let (made, is_end) = match rows.next().await {
                Some(Ok(batch)) => {
                    running.sent(batch.num_rows() as u64, 0);
                    if running.rows() > most {
                        let told = Status::resource_exhausted(format!("an answer has at most {most} rows"));
                        return Some((Err(FlightError::from(told)), None));
                    }
                    (shaper.push(&batch), false)
                }
                Some(Err(error)) => {
                    return Some((Err(FlightError::from(of_query(&query::failed(error)))), None));
                }
                None => (shaper.finish(), true),
            };
            match made {
                Err(error) => return Some((Err(FlightError::from(of_arrow(&error))), None)),
                Ok(batches) if batches.is_empty() && is_end => return None,
                Ok(batches) if batches.is_empty() => {}
                Ok(batches) => {
                    let next = (!is_end).then_some((rows, shaper, running));
                    return Some((Ok(batches), next));
                }
            }
        }
    });
    batches.flat_map(|made| {
        let each = match made {
            Ok(batches) => batches.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        };
        stream::iter(each)
    })
}

fn encoder(compression: Compression, schema: &SchemaRef) -> Result<FlightDataEncoderBuilder, Status> {
    let compression = match compression {
        Compression::None => None,
        Compression::Lz4 => Some(CompressionType::LZ4_FRAME),
        Compression::Zstd => Some(CompressionType::ZSTD),
    };
    let options =
        IpcWriteOptions::default().try_with_compression(compression).map_err(|error| of_arrow(&error))?;
    let is_fixed = schema.fields().iter().all(|field| field.data_type().is_primitive());
    Ok(FlightDataEncoderBuilder::new()
        .with_schema(Arc::clone(schema))
        .with_options(options)
        .with_max_flight_data_size(if is_fixed { FIXED_MESSAGE_BYTES } else { MESSAGE_BYTES }))
}

/// A small answer that is already there.
#[must_use]
pub fn of_batch(batch: RecordBatch) -> Messages {
    let messages = FlightDataEncoderBuilder::new()
        .with_schema(batch.schema())
        .with_max_flight_data_size(MESSAGE_BYTES)
        .build(stream::iter([Ok(batch)]));
    Box::pin(messages.map(|message| message.map_err(|error| of_flight(&error))))
}

/// What the log says of a statement before and after.
fn about(question: &Question, lake_version: u64) -> Value {
    let mut fields = audit::caller(&question.call.caller, question.call.peer);
    merge(
        &mut fields,
        json!({
            "query": question.id.to_string(),
            "agent": question.call.agent,
            "statement": question.sql,
            "parameters": question.parameters.as_ref().map(RecordBatch::num_columns),
            "part": question.part.map(|part| part.index),
            "lake_version": lake_version,
        }),
    );
    fields
}

fn merge(target: &mut Value, more: Value) {
    if let (Value::Object(target), Value::Object(more)) = (target, more) {
        target.extend(more);
    }
}

/// An error of encoding, or one of ours on its way through it.
fn of_flight(error: &FlightError) -> Status {
    match error {
        FlightError::Tonic(status) => status.as_ref().clone(),
        other => incident(Code::Internal, "the answer could not be written", &other.to_string()),
    }
}

fn of_arrow(error: &ArrowError) -> Status {
    incident(Code::Internal, "the answer could not be written", &error.to_string())
}

fn of_code(code: Code) -> &'static str {
    match code {
        Code::PermissionDenied => "refused",
        Code::InvalidArgument | Code::NotFound => "invalid",
        Code::ResourceExhausted => "limited",
        Code::Cancelled => "left",
        _ => "failed",
    }
}
