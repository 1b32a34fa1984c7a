//! Flight SQL: the protocol of ADBC, JDBC and ODBC drivers.
//!
//! Every call proves its caller anew (`call`); a statement is planned once and its ticket, sealed, says what is
//! read (`service`); the rows leave through `answer`. The server keeps nothing of a statement between its calls
//! but plans that can be made again, so a client that goes away leaves nothing behind.

mod answer;
mod call;
mod front;
mod info;
mod ingest;
mod keys;
pub mod messages;
mod service;
mod tables;

use std::pin::Pin;

use futures::Stream;
use tonic::Status;

pub use front::Front;

/// Replies of a call.
type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send + 'static>>;
