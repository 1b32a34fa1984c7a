//! Messages of our own, sealed into tickets and handles, and those of Flight's sessions, which `arrow-flight` 59
//! lacks.

use std::collections::HashMap;

/// What a statement reads and how it is answered; the options of a session.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct Options {
    /// Catalog of names that do not say theirs.
    #[prost(string, optional, tag = "1")]
    pub catalog: Option<String>,
    /// Schema of names that do not say theirs.
    #[prost(string, optional, tag = "2")]
    pub schema: Option<String>,
    /// Lake version, day, time or fixing; none = the newest version.
    #[prost(string, optional, tag = "3")]
    pub as_of: Option<String>,
    /// Language of descriptions: `kk`, `ru`, `en`.
    #[prost(string, optional, tag = "4")]
    pub lang: Option<String>,
    /// Longest time of a statement, in milliseconds.
    #[prost(uint64, optional, tag = "5")]
    pub timeout_ms: Option<u64>,
    /// Whether sums computed beforehand are used.
    #[prost(bool, optional, tag = "6")]
    pub use_rollups: Option<bool>,
}

/// A lake version that an answer is bound to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, prost::Message)]
pub struct Pinned {
    /// Its number.
    #[prost(uint64, tag = "1")]
    pub version: u64,
    /// Year of the fixing that it was asked for by.
    #[prost(int32, optional, tag = "2")]
    pub freeze: Option<i32>,
    /// It was the newest one when it was asked for, and is read with the definitions of this build.
    #[prost(bool, tag = "3")]
    pub is_live: bool,
}

/// One part of an answer that is read in several.
#[derive(Clone, Copy, PartialEq, Eq, Hash, prost::Message)]
pub struct Part {
    /// Its number, from 0.
    #[prost(uint32, tag = "1")]
    pub index: u32,
    /// How many there are.
    #[prost(uint32, tag = "2")]
    pub count: u32,
}

/// A statement to be read.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StatementTicket {
    /// Number of the statement.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// Who may read it.
    #[prost(string, tag = "2")]
    pub caller: String,
    /// What its rights were when it was made; with other rights it is of no use.
    #[prost(string, tag = "3")]
    pub policy: String,
    /// Unix time in seconds after which it is of no use.
    #[prost(int64, tag = "4")]
    pub expires: i64,
    /// Text.
    #[prost(string, tag = "5")]
    pub sql: String,
    /// Values of its parameters: one batch as an Arrow stream; empty = none.
    #[prost(bytes = "vec", tag = "6")]
    pub parameters: Vec<u8>,
    /// Lake version.
    #[prost(message, optional, tag = "7")]
    pub pinned: Option<Pinned>,
    /// Options of the session it was asked in.
    #[prost(message, optional, tag = "8")]
    pub options: Option<Options>,
    /// Which part is meant; none = all of it.
    #[prost(message, optional, tag = "9")]
    pub part: Option<Part>,
}

/// A prepared statement. It reads the lake version that is the newest when it is run.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PreparedHandle {
    /// Who may run it.
    #[prost(string, tag = "1")]
    pub caller: String,
    /// What its rights were when it was made.
    #[prost(string, tag = "2")]
    pub policy: String,
    /// Unix time in seconds after which it is of no use.
    #[prost(int64, tag = "3")]
    pub expires: i64,
    /// Text.
    #[prost(string, tag = "4")]
    pub sql: String,
    /// Values of its parameters: one batch as an Arrow stream; empty = none yet.
    #[prost(bytes = "vec", tag = "5")]
    pub parameters: Vec<u8>,
    /// Options of the session it was prepared in.
    #[prost(message, optional, tag = "6")]
    pub options: Option<Options>,
}

/// Value of a session option.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SessionOptionValue {
    /// The value; none = unset.
    #[prost(oneof = "OptionValue", tags = "1, 2, 3, 4, 5")]
    pub value: Option<OptionValue>,
}

/// Kinds of values.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum OptionValue {
    /// A text.
    #[prost(string, tag = "1")]
    Text(String),
    /// Yes or no.
    #[prost(bool, tag = "2")]
    Bool(bool),
    /// A whole number.
    #[prost(sfixed64, tag = "3")]
    Int(i64),
    /// A number.
    #[prost(double, tag = "4")]
    Double(f64),
    /// Texts.
    #[prost(message, tag = "5")]
    List(StringList),
}

/// Texts.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StringList {
    /// Each.
    #[prost(string, repeated, tag = "1")]
    pub values: Vec<String>,
}

/// Action `SetSessionOptions`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SetSessionOptionsRequest {
    /// Options by name.
    #[prost(map = "string, message", tag = "1")]
    pub session_options: HashMap<String, SessionOptionValue>,
}

/// What of it could not be done.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SetSessionOptionsResult {
    /// Errors by name of the option.
    #[prost(map = "string, message", tag = "1")]
    pub errors: HashMap<String, OptionError>,
}

/// Why an option was not set.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct OptionError {
    /// 1 = no such option, 2 = no such value, 3 = another reason.
    #[prost(int32, tag = "1")]
    pub value: i32,
}

/// There is no option of the name.
pub const INVALID_NAME: i32 = 1;
/// The option takes no such value.
pub const INVALID_VALUE: i32 = 2;

/// Result of the action `GetSessionOptions`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GetSessionOptionsResult {
    /// Options by name.
    #[prost(map = "string, message", tag = "1")]
    pub session_options: HashMap<String, SessionOptionValue>,
}

/// Result of the action `CloseSession`.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct CloseSessionResult {
    /// 1 = closed.
    #[prost(int32, tag = "1")]
    pub status: i32,
}

/// The session is closed.
pub const CLOSED: i32 = 1;

/// The details of an error, as gRPC has them: clients refuse bytes of another form.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<RpcDetail>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct RpcDetail {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.protobuf.StringValue`.
#[derive(Clone, PartialEq, prost::Message)]
struct RpcText {
    #[prost(string, tag = "1")]
    value: String,
}

impl RpcStatus {
    /// An error with one text as its details.
    #[must_use]
    pub fn new(code: tonic::Code, message: &str, detail: String) -> Self {
        let value = prost::Message::encode_to_vec(&RpcText { value: detail });
        let type_url = "type.googleapis.com/google.protobuf.StringValue".to_owned();
        Self { code: code.into(), message: message.to_owned(), details: vec![RpcDetail { type_url, value }] }
    }
}
