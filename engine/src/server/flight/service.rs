//! Flight SQL's commands over an engine.

use std::sync::Arc;
use std::time::Duration;

use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use arrow_flight::sql::server::FlightSqlService;
use arrow_flight::sql::{
    ActionCancelQueryRequest, ActionCancelQueryResult, ActionClosePreparedStatementRequest,
    ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult, Any, Command,
    CommandGetCatalogs, CommandGetCrossReference, CommandGetDbSchemas, CommandGetExportedKeys,
    CommandGetImportedKeys, CommandGetPrimaryKeys, CommandGetSqlInfo, CommandGetTableTypes, CommandGetTables,
    CommandGetXdbcTypeInfo, CommandPreparedStatementQuery, CommandStatementQuery,
    DoPutPreparedStatementResult, ProstMessageExt, SqlInfo, TicketStatementQuery,
};
use arrow_flight::{
    Action, CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightDescriptor, FlightEndpoint,
    FlightInfo, IpcMessage, PutResult, SchemaAsIpc, Ticket,
};
use chrono::Utc;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::{IpcWriteOptions, StreamWriter};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use prost::Message;
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use super::answer::{self, Messages, Question};
use super::call::Call;
use super::messages::{
    CLOSED, CloseSessionResult, GetSessionOptionsResult, INVALID_NAME, INVALID_VALUE, OptionError,
    OptionValue, Options, Part, PreparedHandle, SessionOptionValue, SetSessionOptionsRequest,
    SetSessionOptionsResult, StatementTicket,
};
use super::{info, keys, tables};
use crate::definitions::Lang;
use crate::query::Resolved;
use crate::server::audit;
use crate::server::engine::{Engine, Opened};
use crate::server::error::{incident, of_query};
use crate::server::options::{self, OptionProblem};
use crate::server::seal::Kind;

/// Actions and what they are for.
pub const ACTIONS: [(&str, &str); 7] = [
    ("CreatePreparedStatement", "prepare a statement"),
    ("ClosePreparedStatement", "give up a prepared statement"),
    ("CancelFlightInfo", "cancel a statement"),
    ("CancelQuery", "cancel a statement; CancelFlightInfo in earlier versions of Flight SQL"),
    ("SetSessionOptions", "set catalog, schema, as_of, lang, timeout, use_rollups of the session"),
    ("GetSessionOptions", "the options of the session"),
    ("CloseSession", "forget the options of the session"),
];

/// How long a prepared statement is good: pools of connections keep them for a working day.
const PREPARED: Duration = Duration::from_hours(24);

/// Bytes from which an answer is offered in parts to clients that read them side by side.
const WORTH_PARTS: usize = 50 << 20;

/// Clients known to read several parts of an answer; others read the first and stop.
const READS_PARTS: &str = "ADBC Flight SQL Driver";

/// Most parts of an answer.
const MAX_PARTS: usize = 16;

/// The commands.
pub struct FlightSql {
    engine: Arc<Engine>,
}

/// Text, values and options of a statement, from wherever they come.
struct Statement {
    sql: String,
    parameters: Vec<u8>,
    options: Options,
}

impl FlightSql {
    /// Over an engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    /// The session of a caller for the newest version, or the one that its options name.
    async fn open(&self, call: &Call) -> Result<Arc<Opened>, Status> {
        let pinned = self.engine.pin(&call.options).await?;
        self.engine.open(&call.caller, pinned, &call.options).await
    }

    /// Plan a statement; one that is refused is in the log.
    async fn resolve(&self, call: &Call, opened: &Arc<Opened>, sql: &str) -> Result<Arc<Resolved>, Status> {
        let (there, text) = (Arc::clone(opened), sql.to_owned());
        let planned = self
            .engine
            .planned(&call.caller, call.timeout(&self.engine), async move { there.resolve(&text).await })
            .await;
        if let Err(status) = &planned {
            let mut fields = audit::caller(&call.caller, call.peer);
            if let serde_json::Value::Object(fields) = &mut fields {
                // A text that is too long is told by its length alone.
                let shown: String = sql.chars().take(self.engine.config.server.statement.max_bytes).collect();
                fields.insert("statement".to_owned(), shown.into());
                fields.insert("told".to_owned(), status.message().into());
            }
            let written = self.engine.audit.write("query refused", fields).await;
            written.map_err(|error| {
                incident(
                    Code::Unavailable,
                    "nothing is answered while the audit log cannot be written",
                    &error.to_string(),
                )
            })?;
        }
        planned
    }

    /// The answer's schema and where to read it.
    async fn flight_info(
        &self,
        call: &Call,
        statement: Statement,
        descriptor: FlightDescriptor,
    ) -> Result<Response<FlightInfo>, Status> {
        let call = Call { options: statement.options.clone(), ..call.clone() };
        let pinned = self.engine.pin(&call.options).await?;
        let opened = self.engine.open(&call.caller, pinned, &call.options).await?;
        let resolved = self.resolve(&call, &opened, &statement.sql).await?;
        let values = read_parameters(&statement.parameters)?;
        let bound = resolved.bind(values.as_ref()).map_err(|error| of_query(&error))?;
        let id = Uuid::now_v7();
        let is_kept = bound.is_repeatable()
            && opened
                .key(&self.engine.results, &statement.sql, values.as_ref())
                .is_some_and(|key| self.engine.results.find(&key).is_some());
        let parts = if call.agent.contains(READS_PARTS) && !is_kept {
            self.parts(&opened, &bound, id).await
        } else {
            None
        };
        let ticket = StatementTicket {
            id: id.as_bytes().to_vec(),
            caller: call.caller.name().to_owned(),
            policy: call.policy(),
            expires: expires_in(self.engine.config.server.ticket_lifetime),
            sql: statement.sql,
            parameters: statement.parameters,
            pinned: Some(pinned),
            options: Some(call.options),
            part: None,
        };
        let count = parts.unwrap_or(1);
        let mut endpoints = Vec::new();
        for index in 0..count {
            let part = (count > 1).then_some(Part { index, count });
            endpoints.push(self.endpoint(&StatementTicket { part, ..ticket.clone() })?);
        }
        let info = FlightInfo::new()
            .try_with_schema(bound.schema())
            .map_err(|error| of_schema(&error))?
            .with_descriptor(descriptor)
            .with_endpoints(endpoints)
            .with_total_records(-1)
            .with_total_bytes(-1)
            .with_ordered(count == 1)
            .with_app_metadata(id.to_string());
        Ok(Response::new(info))
    }

    fn endpoint(&self, ticket: &StatementTicket) -> Result<FlightEndpoint, Status> {
        let handle = self
            .engine
            .sealer
            .seal(Kind::Ticket, ticket)
            .map_err(|error| incident(Code::Internal, "no ticket could be made", &error.to_string()))?;
        let command = TicketStatementQuery { statement_handle: handle.into() };
        Ok(FlightEndpoint::new().with_ticket(Ticket::new(command.as_any().encode_to_vec())))
    }

    /// In how many parts a large answer can be read; `None` = it is read whole, by the plan made here.
    async fn parts(&self, opened: &Arc<Opened>, bound: &Resolved, ticket: Uuid) -> Option<u32> {
        let (there, bound) = (Arc::clone(opened), bound.clone());
        let longest = self.engine.config.server.statement_timeout;
        let planning = self.engine.planned(&opened.caller, longest, async move {
            let answer = bound.prepare(&there.ctx).await.map_err(|error| of_query(&error))?;
            let (bytes, rows) = answer.estimate();
            let width = answer.schema().fields().len() * 8;
            let bytes = bytes.or(rows.map(|rows| rows * width)).unwrap_or(0);
            let count = answer.part_count();
            let parts = (bytes >= WORTH_PARTS && (2..=MAX_PARTS).contains(&count)).then_some(count);
            // What changes from moment to moment is planned when it is read.
            if parts.is_none() && bound.is_repeatable() {
                there.keep_ready(ticket, answer);
            }
            Ok(parts)
        });
        // What is wrong with the statement is told when it is read.
        planning.await.ok().flatten().and_then(|count| u32::try_from(count).ok())
    }

    /// A ticket of this server, for this caller, still good.
    fn ticket(&self, call: &Call, handle: &[u8]) -> Result<StatementTicket, Status> {
        let useless = || Status::not_found("the ticket is of no use: ask for the statement again");
        let ticket: StatementTicket = self.engine.sealer.open(Kind::Ticket, handle).ok_or_else(useless)?;
        if ticket.caller != call.caller.name() || ticket.policy != call.policy() {
            return Err(Status::permission_denied(
                "the ticket is another caller's, or made under other rights",
            ));
        }
        if ticket.expires < Utc::now().timestamp() {
            return Err(useless());
        }
        Ok(ticket)
    }

    /// A prepared statement of this server, for this caller, still good.
    fn prepared(&self, call: &Call, handle: &[u8]) -> Result<PreparedHandle, Status> {
        let useless = || Status::not_found("the prepared statement is of no use: prepare it again");
        let handle: PreparedHandle = self.engine.sealer.open(Kind::Prepared, handle).ok_or_else(useless)?;
        if handle.caller != call.caller.name() || handle.policy != call.policy() {
            return Err(Status::permission_denied(
                "the statement is another caller's, or made under other rights",
            ));
        }
        if handle.expires < Utc::now().timestamp() {
            return Err(useless());
        }
        Ok(handle)
    }

    fn seal_prepared(&self, handle: &PreparedHandle) -> Result<Vec<u8>, Status> {
        self.engine
            .sealer
            .seal(Kind::Prepared, handle)
            .map_err(|error| incident(Code::Internal, "no handle could be made", &error.to_string()))
    }

    fn read(&self, call: Call, ticket: StatementTicket, opened: Arc<Opened>) -> Result<Messages, Status> {
        let parameters = read_parameters(&ticket.parameters)?;
        let id = Uuid::from_slice(&ticket.id).unwrap_or_else(|_| Uuid::now_v7());
        let timeout = call.timeout(&self.engine);
        let question = Question { id, call, sql: ticket.sql, parameters, part: ticket.part, timeout };
        Ok(answer::start(&self.engine, opened, question))
    }

    /// Values for the parameters of a prepared statement: the reply is its handle from now on.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for values that do not fit.
    pub async fn bind(
        &self,
        call: &Call,
        command: CommandPreparedStatementQuery,
        messages: impl Stream<Item = Result<arrow_flight::FlightData, Status>> + Send + 'static,
    ) -> Result<Response<super::Replies<PutResult>>, Status> {
        let mut handle = self.prepared(call, &command.prepared_statement_handle)?;
        let most = self.engine.config.server.max_parameter_bytes;
        let mut size = 0;
        let messages = messages.map(move |message| {
            let message = message?;
            size += message.data_body.len() + message.data_header.len();
            if size > most {
                return Err(FlightError::from(Status::invalid_argument(format!(
                    "the values of parameters have more than {most} bytes"
                ))));
            }
            Ok(message)
        });
        let batches: Vec<RecordBatch> =
            FlightRecordBatchStream::new_from_flight_data(messages).try_collect().await.map_err(of_upload)?;
        let mut rows = batches.into_iter().filter(|batch| batch.num_rows() > 0);
        let (values, more) = (rows.next(), rows.next());
        let several = values.as_ref().is_some_and(|batch| batch.num_rows() > 1) || more.is_some();
        if several {
            return Err(Status::invalid_argument("a query takes one row of parameters at a time"));
        }
        handle.parameters = match values {
            Some(values) => write_parameters(&values)?,
            None => Vec::new(),
        };
        let handle = self.seal_prepared(&handle)?;
        let result = DoPutPreparedStatementResult { prepared_statement_handle: Some(handle.into()) };
        let reply = PutResult { app_metadata: result.encode_to_vec().into() };
        Ok(Response::new(Box::pin(stream::iter([Ok(reply)]))))
    }

    /// A question about the catalog of the caller's session; views are planned to learn their columns.
    async fn list<F, A>(&self, request: &Request<Ticket>, ask: F) -> Result<Response<Messages>, Status>
    where
        F: FnOnce(Arc<Opened>, Lang) -> A + Send,
        A: Future<Output = Result<RecordBatch, FlightError>> + Send + 'static,
    {
        let call = Call::of(request)?;
        let opened = self.open(&call).await?;
        let listing = ask(opened, call.lang());
        small(
            self.engine
                .planned(&call.caller, call.timeout(&self.engine), async move { Ok(listing.await) })
                .await?,
        )
    }

    /// Cancel what the tickets of an answer stand for.
    fn cancel(&self, call: &Call, info: &FlightInfo) -> Result<CancelStatus, Status> {
        let mut count = 0;
        for endpoint in &info.endpoint {
            let Some(ticket) = &endpoint.ticket else { continue };
            let Ok(any) = Any::decode(&*ticket.ticket) else { continue };
            let Ok(Command::TicketStatementQuery(command)) = Command::try_from(any) else { continue };
            let ticket = self.ticket(call, &command.statement_handle)?;
            if let Ok(id) = Uuid::from_slice(&ticket.id) {
                self.engine.registry.cancel(id, &call.caller);
                count += 1;
            }
        }
        Ok(if count > 0 { CancelStatus::Cancelled } else { CancelStatus::NotCancellable })
    }

    fn set_options(&self, call: &Call, body: &[u8]) -> Result<Vec<u8>, Status> {
        let request = SetSessionOptionsRequest::decode(body)
            .map_err(|error| Status::invalid_argument(format!("the options cannot be read: {error}")))?;
        let session = call.session.ok_or_else(no_session)?;
        let mut kept = self.engine.sessions.options(session);
        let longest = self.engine.config.server.statement_timeout;
        let mut result = SetSessionOptionsResult::default();
        for (name, value) in &request.session_options {
            let set = match text_of(value) {
                Some(text) => options::set(&mut kept, name, &text, longest),
                None => Err(OptionProblem::Value { name: "", expected: "" }),
            };
            if let Err(problem) = set {
                let value = match problem {
                    OptionProblem::Name { .. } => INVALID_NAME,
                    OptionProblem::Value { .. } => INVALID_VALUE,
                };
                result.errors.insert(name.clone(), OptionError { value });
            }
        }
        self.engine.sessions.keep(session, &call.caller, kept);
        Ok(result.encode_to_vec())
    }

    fn get_options(&self, call: &Call) -> Vec<u8> {
        let options = &call.options;
        let text = |text: Option<&str>| OptionValue::Text(text.unwrap_or_default().to_owned());
        let seconds = i64::try_from(call.timeout(&self.engine).as_secs()).unwrap_or(i64::MAX);
        let values = [
            ("catalog", text(Some(options.catalog.as_deref().unwrap_or("bilim")))),
            ("schema", text(Some(options.schema.as_deref().unwrap_or("mart")))),
            ("as_of", text(options.as_of.as_deref())),
            ("lang", text(Some(options.lang.as_deref().unwrap_or("en")))),
            ("timeout", OptionValue::Int(seconds)),
            ("use_rollups", OptionValue::Bool(options.use_rollups.unwrap_or(true))),
        ];
        let session_options = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), SessionOptionValue { value: Some(value) }))
            .collect();
        GetSessionOptionsResult { session_options }.encode_to_vec()
    }
}

fn no_session() -> Status {
    Status::failed_precondition(
        "options are kept for sessions that begin with a handshake; with a token of your own give each call the \
         headers bilim-as-of, bilim-lang, bilim-catalog, bilim-schema, bilim-timeout, bilim-use-rollups",
    )
}

/// The text of an option's value; an empty one unsets.
fn text_of(value: &SessionOptionValue) -> Option<String> {
    Some(match &value.value {
        None => String::new(),
        Some(OptionValue::Text(text)) => text.clone(),
        Some(OptionValue::Bool(is)) => is.to_string(),
        Some(OptionValue::Int(number)) => number.to_string(),
        Some(OptionValue::Double(number)) => number.to_string(),
        Some(OptionValue::List(_)) => return None,
    })
}

fn expires_in(time: Duration) -> i64 {
    Utc::now().timestamp().saturating_add(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// An error in what a client sent.
pub fn of_upload(error: FlightError) -> Status {
    match error {
        FlightError::Tonic(status) => *status,
        other => Status::invalid_argument(format!("the rows cannot be read: {other}")),
    }
}

fn of_schema(error: &datafusion::arrow::error::ArrowError) -> Status {
    incident(Code::Internal, "the schema cannot be written", &error.to_string())
}

/// A batch as an Arrow stream.
fn write_parameters(values: &RecordBatch) -> Result<Vec<u8>, Status> {
    let mut writer =
        StreamWriter::try_new(Vec::new(), values.schema_ref()).map_err(|error| of_schema(&error))?;
    writer.write(values).map_err(|error| of_schema(&error))?;
    writer.into_inner().map_err(|error| of_schema(&error))
}

fn read_parameters(bytes: &[u8]) -> Result<Option<RecordBatch>, Status> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut reader = StreamReader::try_new(bytes, None).map_err(|error| of_schema(&error))?;
    reader.next().transpose().map_err(|error| of_schema(&error))
}

/// A schema as clients read it.
fn schema_bytes(schema: &Schema) -> Result<prost::bytes::Bytes, Status> {
    let options = IpcWriteOptions::default();
    let message: IpcMessage =
        SchemaAsIpc::new(schema, &options).try_into().map_err(|error| of_schema(&error))?;
    Ok(message.0)
}

/// The answer to a question about the catalog: its ticket is the question, asked again by whoever reads it.
fn info_of(
    command: &impl ProstMessageExt,
    schema: &Schema,
    request: Request<FlightDescriptor>,
) -> Result<Response<FlightInfo>, Status> {
    let ticket = Ticket::new(command.as_any().encode_to_vec());
    let info = FlightInfo::new()
        .try_with_schema(schema)
        .map_err(|error| of_schema(&error))?
        .with_endpoint(FlightEndpoint::new().with_ticket(ticket))
        .with_total_records(-1)
        .with_total_bytes(-1)
        .with_descriptor(request.into_inner());
    Ok(Response::new(info))
}

fn small(batch: Result<RecordBatch, FlightError>) -> Result<Response<Messages>, Status> {
    let batch = batch
        .map_err(|error| incident(Code::Internal, "the catalog cannot be listed", &error.to_string()))?;
    Ok(Response::new(answer::of_batch(batch)))
}

#[tonic::async_trait]
impl FlightSqlService for FlightSql {
    type FlightService = Self;

    async fn get_flight_info_statement(
        &self,
        query: CommandStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let call = Call::of(&request)?;
        let options = call.options.clone();
        let statement = Statement { sql: query.query, parameters: Vec::new(), options };
        self.flight_info(&call, statement, request.into_inner()).await
    }

    async fn get_flight_info_prepared_statement(
        &self,
        query: CommandPreparedStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let call = Call::of(&request)?;
        let handle = self.prepared(&call, &query.prepared_statement_handle)?;
        let options = handle.options.unwrap_or_default();
        let statement = Statement { sql: handle.sql, parameters: handle.parameters, options };
        self.flight_info(&call, statement, request.into_inner()).await
    }

    async fn do_get_statement(
        &self,
        ticket: TicketStatementQuery,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        let call = Call::of(&request)?;
        let ticket = self.ticket(&call, &ticket.statement_handle)?;
        let options = ticket.options.clone().unwrap_or_default();
        let pinned = ticket.pinned.unwrap_or_default();
        let opened = self.engine.open(&call.caller, pinned, &options).await?;
        let call = Call { options, ..call };
        Ok(Response::new(self.read(call, ticket, opened)?))
    }

    /// Some clients read a prepared statement by its handle, without asking where.
    async fn do_get_prepared_statement(
        &self,
        query: CommandPreparedStatementQuery,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        let call = Call::of(&request)?;
        let handle = self.prepared(&call, &query.prepared_statement_handle)?;
        let options = handle.options.unwrap_or_default();
        let pinned = self.engine.pin(&options).await?;
        let opened = self.engine.open(&call.caller, pinned, &options).await?;
        let ticket = StatementTicket {
            id: Uuid::now_v7().as_bytes().to_vec(),
            sql: handle.sql,
            parameters: handle.parameters,
            ..StatementTicket::default()
        };
        let call = Call { options, ..call };
        Ok(Response::new(self.read(call, ticket, opened)?))
    }

    async fn do_action_create_prepared_statement(
        &self,
        query: ActionCreatePreparedStatementRequest,
        request: Request<Action>,
    ) -> Result<ActionCreatePreparedStatementResult, Status> {
        let call = Call::of(&request)?;
        if query.transaction_id.is_some_and(|id| !id.is_empty()) {
            return Err(Status::invalid_argument("there are no transactions"));
        }
        let opened = self.open(&call).await?;
        let resolved = self.resolve(&call, &opened, &query.query).await?;
        let handle = PreparedHandle {
            caller: call.caller.name().to_owned(),
            policy: call.policy(),
            expires: expires_in(PREPARED),
            sql: query.query,
            parameters: Vec::new(),
            options: Some(call.options),
        };
        let parameters = resolved.parameters();
        Ok(ActionCreatePreparedStatementResult {
            prepared_statement_handle: self.seal_prepared(&handle)?.into(),
            dataset_schema: schema_bytes(resolved.schema())?,
            parameter_schema: schema_bytes(parameters)?,
        })
    }

    /// The handle holds everything; there is nothing to give up.
    async fn do_action_close_prepared_statement(
        &self,
        _query: ActionClosePreparedStatementRequest,
        _request: Request<Action>,
    ) -> Result<(), Status> {
        Ok(())
    }

    async fn do_action_cancel_query(
        &self,
        query: ActionCancelQueryRequest,
        request: Request<Action>,
    ) -> Result<ActionCancelQueryResult, Status> {
        let call = Call::of(&request)?;
        let info = FlightInfo::decode(query.info)
            .map_err(|error| Status::invalid_argument(format!("the query cannot be read: {error}")))?;
        // The numbers of both messages' results are the same.
        Ok(ActionCancelQueryResult { result: self.cancel(&call, &info)?.into() })
    }

    async fn do_action_fallback(
        &self,
        request: Request<Action>,
    ) -> Result<Response<super::Replies<arrow_flight::Result>>, Status> {
        let call = Call::of(&request)?;
        let action = request.into_inner();
        let body = match action.r#type.as_str() {
            "CancelFlightInfo" => {
                let request = CancelFlightInfoRequest::decode(action.body).map_err(|error| {
                    Status::invalid_argument(format!("the query cannot be read: {error}"))
                })?;
                let info = request.info.unwrap_or_default();
                CancelFlightInfoResult::new(self.cancel(&call, &info)?).encode_to_vec()
            }
            "SetSessionOptions" => self.set_options(&call, &action.body)?,
            "GetSessionOptions" => self.get_options(&call),
            "CloseSession" => {
                if let Some(session) = call.session {
                    self.engine.sessions.close(session);
                }
                CloseSessionResult { status: CLOSED }.encode_to_vec()
            }
            other => return Err(Status::unimplemented(format!("there is no action {other:?}"))),
        };
        Ok(Response::new(Box::pin(stream::iter([Ok(arrow_flight::Result::new(body))]))))
    }

    async fn get_flight_info_catalogs(
        &self,
        command: CommandGetCatalogs,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &command.into_builder().schema(), request)
    }

    async fn do_get_catalogs(
        &self,
        command: CommandGetCatalogs,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        self.list(&request, |opened, _| async move { tables::catalogs(&opened, command) }).await
    }

    async fn get_flight_info_schemas(
        &self,
        command: CommandGetDbSchemas,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &command.clone().into_builder().schema(), request)
    }

    async fn do_get_schemas(
        &self,
        command: CommandGetDbSchemas,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        self.list(&request, |opened, _| async move { tables::schemas(&opened, command) }).await
    }

    async fn get_flight_info_tables(
        &self,
        command: CommandGetTables,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &command.clone().into_builder().schema(), request)
    }

    async fn do_get_tables(
        &self,
        command: CommandGetTables,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        self.list(&request, |opened, lang| tables::tables(opened, command, lang)).await
    }

    async fn get_flight_info_table_types(
        &self,
        command: CommandGetTableTypes,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &command.into_builder().schema(), request)
    }

    async fn do_get_table_types(
        &self,
        command: CommandGetTableTypes,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        self.list(&request, |_, _| async move { tables::types(command) }).await
    }

    async fn get_flight_info_primary_keys(
        &self,
        command: CommandGetPrimaryKeys,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &keys::primary_schema(), request)
    }

    async fn do_get_primary_keys(
        &self,
        command: CommandGetPrimaryKeys,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        self.list(&request, |opened, _| async move { keys::primary(&opened, &command) }).await
    }

    async fn get_flight_info_exported_keys(
        &self,
        command: CommandGetExportedKeys,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &keys::foreign_schema(), request)
    }

    async fn do_get_exported_keys(
        &self,
        command: CommandGetExportedKeys,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        self.list(&request, |opened, _| async move { keys::exported(&opened, &command) }).await
    }

    async fn get_flight_info_imported_keys(
        &self,
        command: CommandGetImportedKeys,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &keys::foreign_schema(), request)
    }

    async fn do_get_imported_keys(
        &self,
        command: CommandGetImportedKeys,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        self.list(&request, |opened, _| async move { keys::imported(&opened, &command) }).await
    }

    async fn get_flight_info_cross_reference(
        &self,
        command: CommandGetCrossReference,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &keys::foreign_schema(), request)
    }

    async fn do_get_cross_reference(
        &self,
        command: CommandGetCrossReference,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        self.list(&request, |opened, _| async move { keys::cross_reference(&opened, &command) }).await
    }

    async fn get_flight_info_xdbc_type_info(
        &self,
        command: CommandGetXdbcTypeInfo,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &info::types_schema(), request)
    }

    async fn do_get_xdbc_type_info(
        &self,
        command: CommandGetXdbcTypeInfo,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        self.list(&request, |_, _| async move { info::types(command) }).await
    }

    async fn get_flight_info_sql_info(
        &self,
        command: CommandGetSqlInfo,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        info_of(&command, &info::server_schema(), request)
    }

    async fn do_get_sql_info(
        &self,
        command: CommandGetSqlInfo,
        request: Request<Ticket>,
    ) -> Result<Response<Messages>, Status> {
        Call::of(&request)?;
        small(info::server(&command, &self.engine.config.server))
    }

    async fn register_sql_info(&self, _id: i32, _result: &SqlInfo) {}
}
