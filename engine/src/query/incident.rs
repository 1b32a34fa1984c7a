//! What a caller is told of a statement that failed: of which kind, and under which number whoever keeps the lake
//! finds the rest.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::error::ArrowError;
use datafusion::common::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;
use uuid::Uuid;

/// A failure without what it says: texts of the engine quote the value that they failed at.
#[derive(Clone)]
pub struct Incident {
    code: &'static str,
    kind: &'static str,
    id: Uuid,
    cause: Arc<DataFusionError>,
}

impl Incident {
    /// SQLSTATE of its kind.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// Its number, different for every failure.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// What happened, for a log that callers do not read.
    #[must_use]
    pub fn cause(&self) -> &DataFusionError {
        &self.cause
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the statement failed: {} [{}], incident {}", self.kind, self.code, self.id)
    }
}

impl fmt::Debug for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incident").field("code", &self.code).field("id", &self.id).finish_non_exhaustive()
    }
}

// The cause is no `source`: printing a chain must not show it.
impl std::error::Error for Incident {}

/// The failure as a caller may see it.
pub(super) fn of(cause: DataFusionError) -> DataFusionError {
    if let DataFusionError::External(inner) = cause.find_root()
        && inner.is::<Incident>()
    {
        return cause;
    }
    let (code, kind) = kind(cause.find_root());
    let incident = Incident { code, kind, id: Uuid::now_v7(), cause: Arc::new(cause) };
    DataFusionError::External(Box::new(incident))
}

/// The stream, its failures as a caller may see them.
pub(super) fn guard(stream: SendableRecordBatchStream) -> SendableRecordBatchStream {
    let schema = stream.schema();
    Box::pin(RecordBatchStreamAdapter::new(schema, stream.map(|batch| batch.map_err(of))))
}

fn kind(root: &DataFusionError) -> (&'static str, &'static str) {
    match root {
        DataFusionError::ArrowError(error, _) => match error.as_ref() {
            ArrowError::DivideByZero => ("22012", "division by zero"),
            ArrowError::CastError(_) | ArrowError::ParseError(_) => {
                ("22018", "a value cannot be read as the type asked for")
            }
            ArrowError::ArithmeticOverflow(_) => ("22003", "a number is out of range"),
            _ => ("22000", "a value cannot be computed"),
        },
        DataFusionError::ResourcesExhausted(_) => ("53200", "it needs more memory than it may use"),
        _ => ("XX000", "internal error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_says_its_kind_and_nothing_of_the_value() {
        let secret =
            || ArrowError::CastError("Cannot cast string 'SECRET-1' to value of Int32 type".to_owned());
        let told = of(DataFusionError::from(secret()));
        let DataFusionError::External(inner) = &told else { unreachable!("{told}") };
        let text = format!("{inner} {inner:?} {told} {told:?}");
        assert!(text.contains("22018") && !text.contains("SECRET"), "{text}");
        let incident = inner.downcast_ref::<Incident>().map(|incident| incident.cause().to_string());
        assert!(incident.is_some_and(|cause| cause.contains("SECRET-1")));
        // Told once, it stays what it is.
        let first = told.to_string();
        assert_eq!(of(told).to_string(), first);
    }

    #[test]
    fn kinds_have_codes_of_their_own() {
        let code = |error: DataFusionError| kind(error.find_root()).0;
        assert_eq!(code(ArrowError::DivideByZero.into()), "22012");
        assert_eq!(code(ArrowError::ArithmeticOverflow(String::new()).into()), "22003");
        assert_eq!(code(ArrowError::InvalidArgumentError(String::new()).into()), "22000");
        assert_eq!(code(DataFusionError::ResourcesExhausted(String::new())), "53200");
        assert_eq!(code(DataFusionError::Internal(String::new())), "XX000");
    }
}
