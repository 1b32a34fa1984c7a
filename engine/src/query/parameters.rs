//! Parameters of prepared statements: `?` and `$1`, their types, their values.

use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::error::QueryError;

/// Most parameters of one statement.
const MOST: usize = 1_000;

/// A statement with `?` written as `$1`, `$2`, ... in order; texts, names and comments stay as they are.
///
/// # Errors
/// [`QueryError::Parameters`] when both spellings are used.
pub fn numbered(sql: &str) -> Result<String, QueryError> {
    if !sql.contains('?') {
        return Ok(sql.to_owned());
    }
    // What is no SQL is told by the parser, with its place.
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize_with_location() else {
        return Ok(sql.to_owned());
    };
    let mut places = Vec::new();
    let mut is_numbered = false;
    for token in &tokens {
        match &token.token {
            // PostgreSQL's dialect takes `?` for an operator on JSON, which we have none of.
            Token::Question
            | Token::QuestionAnd
            | Token::QuestionPipe
            | Token::QuestionMarkDash
            | Token::QuestionMarkDashVerticalBar
            | Token::QuestionMarkDoubleVerticalBar
            | Token::QuestionMarkSharp => places.push((token.span.start.line, token.span.start.column)),
            Token::Placeholder(name) if name.starts_with('?') => {
                places.push((token.span.start.line, token.span.start.column));
            }
            Token::Placeholder(_) => is_numbered = true,
            _ => {}
        }
    }
    if is_numbered && !places.is_empty() {
        return Err(QueryError::Parameters("write them as ? or as $1, not both in one statement".to_owned()));
    }
    let mut text = String::with_capacity(sql.len() + 4 * places.len());
    let mut next = places.iter().zip(1..).peekable();
    let (mut line, mut column) = (1, 1);
    for symbol in sql.chars() {
        match next.peek() {
            Some((place, number)) if **place == (line, column) => {
                // Writing into a string does not fail.
                let _ = write!(text, "${number}");
                next.next();
            }
            _ => text.push(symbol),
        }
        if symbol == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    Ok(text)
}

/// The parameters of a plan in the order of their numbers, named `1`, `2`, ...; Null where the type is not known.
///
/// # Errors
/// [`QueryError::Parameters`] for a name that is no number, or a number that is left out.
pub fn schema(plan: &LogicalPlan) -> Result<SchemaRef, QueryError> {
    let found =
        plan.get_parameter_types().map_err(|error| QueryError::Parameters(error.strip_backtrace()))?;
    let mut types = std::collections::BTreeMap::new();
    for (name, data_type) in found {
        let number = name.strip_prefix('$').and_then(|digits| digits.parse::<usize>().ok());
        match number {
            Some(number @ 1..=MOST) => types.insert(number, data_type.unwrap_or(DataType::Null)),
            _ => return Err(QueryError::Parameters(format!("{name} is none of $1 to ${MOST}"))),
        };
    }
    let count = types.last_key_value().map_or(0, |(number, _)| *number);
    let fields = (1..=count).map(|number| {
        // A number that is skipped still takes its place, as clients bind by position.
        let data_type = types.remove(&number).unwrap_or(DataType::Null);
        Field::new(number.to_string(), super::wire::plain_type(&data_type), true)
    });
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

/// The plan with its parameters' values, the only row of `values`, by position.
///
/// A value is cast to the type that the statement needs, where that is known.
///
/// # Errors
/// [`QueryError::Parameters`] when there are too few or too many, more than one row, or one cannot be cast.
pub fn bind(
    plan: LogicalPlan,
    parameters: &SchemaRef,
    values: Option<&RecordBatch>,
) -> Result<LogicalPlan, QueryError> {
    let due = parameters.fields().len();
    let Some(values) = values.filter(|values| values.num_columns() > 0) else {
        return if due == 0 { Ok(plan) } else { Err(missing(due, 0)) };
    };
    if values.num_rows() != 1 {
        return Err(QueryError::Parameters(format!("one row of values, not {}", values.num_rows())));
    }
    if values.num_columns() != due {
        return Err(missing(due, values.num_columns()));
    }
    let refused = |error: datafusion::error::DataFusionError| QueryError::Parameters(error.strip_backtrace());
    let mut scalars = Vec::with_capacity(due);
    for (column, field) in values.columns().iter().zip(parameters.fields()) {
        let value = ScalarValue::try_from_array(column, 0).map_err(refused)?;
        let is_open = field.data_type().is_null() || value.data_type() == *field.data_type();
        let value = if is_open {
            value
        } else {
            // The text of the error would repeat the value.
            value.cast_to(field.data_type()).map_err(|_| {
                QueryError::Parameters(format!(
                    "${} is {} and must be {}",
                    field.name(),
                    column.data_type(),
                    field.data_type()
                ))
            })?
        };
        scalars.push(value);
    }
    plan.with_param_values(ParamValues::from(scalars)).map_err(refused)
}

fn missing(due: usize, given: usize) -> QueryError {
    QueryError::Parameters(format!("the statement has {due}, values were given for {given}"))
}
