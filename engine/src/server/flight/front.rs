//! The gate of the gRPC service: lets callers in and hands over to Flight SQL.
//!
//! `arrow-flight` implements the service for whatever answers Flight SQL's commands, but leaves out `GetSchema`,
//! `PollFlightInfo` and the callers. Both stand here, so that no call reaches a command without a caller.

use std::sync::Arc;
use std::time::Duration;

use arrow_flight::flight_service_server::FlightService;
use arrow_flight::sql::Any;
use arrow_flight::sql::Command;
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest,
    HandshakeResponse, PollInfo, PutResult, SchemaResult, Ticket,
};
use futures::{StreamExt, stream};
use prost::Message;
use tonic::{Request, Response, Status, Streaming};

use super::Replies;
use super::call::{self, AUTHORIZATION, Call};
use super::ingest;
use super::service::FlightSql;
use crate::server::engine::Engine;

/// How long a handshake waits for what its client has to say.
const GREETING: Duration = Duration::from_secs(1);

/// The service.
pub struct Front {
    engine: Arc<Engine>,
    inner: FlightSql,
}

impl Front {
    /// Over an engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { inner: FlightSql::new(Arc::clone(&engine)), engine }
    }

    /// Let a request in; its caller goes with it.
    async fn admit<T>(&self, request: &mut Request<T>) -> Result<Call, Status> {
        let call = call::admit(&self.engine, request).await?;
        if !self.engine.is_ready() {
            return Err(Status::unavailable("the server is being stopped"));
        }
        request.extensions_mut().insert(call.clone());
        Ok(call)
    }

    /// The reply with the caller's later token, where it has one: clients take it from any reply.
    fn with_token<T>(call: &Call, mut response: Response<T>) -> Result<Response<T>, Status> {
        if let Some(token) = &call.renewed {
            response.metadata_mut().insert(AUTHORIZATION, call::bearer(token)?);
        }
        Ok(response)
    }
}

#[tonic::async_trait]
impl FlightService for Front {
    type HandshakeStream = Replies<HandshakeResponse>;
    type ListFlightsStream = Replies<FlightInfo>;
    type DoGetStream = Replies<FlightData>;
    type DoPutStream = Replies<PutResult>;
    type DoActionStream = Replies<arrow_flight::Result>;
    type ListActionsStream = Replies<ActionType>;
    type DoExchangeStream = Replies<FlightData>;

    /// Takes a name and password, or a token, and answers with the token of a new session, in the header that
    /// clients take it from and in the message.
    async fn handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        let (metadata, address) = (request.metadata().clone(), request.remote_addr());
        // Who the caller is stands in the headers; but a client still writing when the answer has ended may wait for
        // ever, as pyarrow does. Drivers that write nothing close their side.
        let _ = tokio::time::timeout(GREETING, request.into_inner().message()).await;
        let identity = call::identify(&self.engine, &metadata, address).await?;
        let token = call::token(&self.engine, &identity.caller)?;
        let payload = token.as_bytes().to_vec();
        let reply = HandshakeResponse { protocol_version: 0, payload: payload.into() };
        let mut response: Response<Self::HandshakeStream> =
            Response::new(Box::pin(stream::iter([Ok(reply)])));
        response.metadata_mut().insert(AUTHORIZATION, token);
        Ok(response)
    }

    async fn list_flights(
        &self,
        mut request: Request<Criteria>,
    ) -> Result<Response<Self::ListFlightsStream>, Status> {
        let call = self.admit(&mut request).await?;
        Self::with_token(&call, Response::new(Box::pin(stream::empty())))
    }

    async fn get_flight_info(
        &self,
        mut request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let call = self.admit(&mut request).await?;
        let response = FlightService::get_flight_info(&self.inner, request).await?;
        Self::with_token(&call, response)
    }

    /// Planning is done when it answers, so there is nothing to poll for.
    async fn poll_flight_info(
        &self,
        mut request: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        let call = self.admit(&mut request).await?;
        let info = FlightService::get_flight_info(&self.inner, request).await?.into_inner();
        let poll = PollInfo {
            info: Some(info),
            flight_descriptor: None,
            progress: Some(1.0),
            expiration_time: None,
        };
        Self::with_token(&call, Response::new(poll))
    }

    async fn get_schema(
        &self,
        mut request: Request<FlightDescriptor>,
    ) -> Result<Response<SchemaResult>, Status> {
        let call = self.admit(&mut request).await?;
        let info = FlightService::get_flight_info(&self.inner, request).await?.into_inner();
        Self::with_token(&call, Response::new(SchemaResult { schema: info.schema }))
    }

    async fn do_get(&self, mut request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let call = self.admit(&mut request).await?;
        let response = FlightService::do_get(&self.inner, request).await?;
        Self::with_token(&call, response)
    }

    async fn do_put(
        &self,
        mut request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        let call = self.admit(&mut request).await?;
        // The reply of an ingestion says more than `arrow-flight` lets it, so that command is met here.
        let (headers, _, mut messages) = request.into_parts();
        let Some(first) = messages.next().await.transpose()? else {
            return Err(Status::invalid_argument("an upload begins with its command"));
        };
        let descriptor = first.flight_descriptor.as_ref();
        let command = descriptor.map(|descriptor| descriptor.cmd.clone());
        let command = command.ok_or_else(|| Status::invalid_argument("an upload begins with its command"))?;
        let any = Any::decode(command)
            .map_err(|error| Status::invalid_argument(format!("the command cannot be read: {error}")))?;
        let command = Command::try_from(any)
            .map_err(|error| Status::invalid_argument(format!("the command cannot be read: {error}")))?;
        let messages: Replies<FlightData> = Box::pin(stream::iter([Ok(first)]).chain(messages));
        let response = match command {
            Command::CommandStatementIngest(command) => {
                ingest::receive(&self.engine, &call, &headers, command, messages).await?
            }
            Command::CommandPreparedStatementQuery(command) => {
                self.inner.bind(&call, command, messages).await?
            }
            Command::CommandStatementUpdate(_)
            | Command::CommandPreparedStatementUpdate(_)
            | Command::CommandStatementSubstraitPlan(_) => {
                return Err(Status::permission_denied(
                    "refused: the lake changes through submissions, for instance adbc_ingest into the table of a form",
                ));
            }
            other => {
                return Err(Status::unimplemented(format!("no upload for {}", other.type_url())));
            }
        };
        Self::with_token(&call, response)
    }

    async fn do_action(
        &self,
        mut request: Request<Action>,
    ) -> Result<Response<Self::DoActionStream>, Status> {
        let call = self.admit(&mut request).await?;
        let response = FlightService::do_action(&self.inner, request).await?;
        Self::with_token(&call, response)
    }

    async fn list_actions(
        &self,
        mut request: Request<Empty>,
    ) -> Result<Response<Self::ListActionsStream>, Status> {
        let call = self.admit(&mut request).await?;
        let actions = super::service::ACTIONS.map(|(name, description)| {
            Ok(ActionType { r#type: name.to_owned(), description: description.to_owned() })
        });
        Self::with_token(&call, Response::new(Box::pin(stream::iter(actions))))
    }

    async fn do_exchange(
        &self,
        mut request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        self.admit(&mut request).await?;
        Err(Status::unimplemented("no command of Flight SQL exchanges rows"))
    }
}
