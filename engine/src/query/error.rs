//! Errors of a statement, in words that help whoever typed it.

use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;

use super::incident::Incident;
use crate::session::NotAllowed;

/// A statement that was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Nothing to run.
    #[error("the statement is empty")]
    Empty,
    /// More than one statement.
    #[error("one statement at a time: remove what follows the first `;`")]
    Several,
    /// Longer than the limit.
    #[error("the statement has {bytes} bytes, the limit is {limit}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Larger or deeper than a statement may be.
    #[error("the statement has more than {limit} {what}")]
    TooComplex {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A function that makes elements from nothing, with sizes that cannot be told or are too large.
    #[error(
        "{function} is answered for whole numbers written out, for at most {limit} elements, and not within \
         another such function"
    )]
    Generator {
        /// Function.
        function: String,
        /// The limit.
        limit: i64,
    },
    /// Parameters that do not fit the statement.
    #[error("parameters: {0}")]
    Parameters(String),
    /// Not SQL.
    #[error("syntax error at line {line}, column {column}: {message}\n{excerpt}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What was expected and found.
        message: String,
        /// The line with a mark below the place.
        excerpt: String,
    },
    /// Not a query.
    #[error("refused: {statement}; the lake is read through queries, it changes through `bilim submit`")]
    Refused {
        /// What was asked for.
        statement: String,
    },
    /// Something that the caller's role does not see.
    #[error("not allowed: {0}")]
    NotAllowed(NotAllowed),
    /// It failed, for a caller who is not told more.
    #[error("{0}")]
    Incident(Incident),
    /// No such table or view.
    #[error("there is no table or view {name}{}", nearest(.candidates))]
    UnknownTable {
        /// As typed.
        name: String,
        /// Nearest names, best first.
        candidates: Vec<String>,
    },
    /// No such column.
    #[error("there is no column {name}{}", nearest(.candidates))]
    UnknownColumn {
        /// As typed.
        name: String,
        /// Nearest names, best first.
        candidates: Vec<String>,
    },
    /// The statement means nothing the engine can do.
    #[error("the statement cannot be planned: {0}")]
    Planning(String),
    /// It failed while running.
    #[error("the statement failed: {0}")]
    Execution(String),
    /// Rows could not be written out.
    #[error("cannot write the answer")]
    Write(#[from] std::io::Error),
    /// The format cannot hold the answer.
    #[error("cannot write the answer as {format}: {message}")]
    Format {
        /// Format.
        format: &'static str,
        /// Why.
        message: String,
    },
}

fn nearest(candidates: &[String]) -> String {
    if candidates.is_empty() { String::new() } else { format!("; did you mean {}?", candidates.join(", ")) }
}

/// A parser error with its place marked.
pub(super) fn syntax(sql: &str, error: &DataFusionError) -> QueryError {
    let text = error.strip_backtrace();
    let message = text.rsplit_once("ParserError(\"").map_or(text.as_str(), |(_, rest)| rest);
    let message = message.trim_end_matches("\")").replace("\\\"", "\"");
    let message = message.strip_prefix("SQL error: ").unwrap_or(&message).to_owned();
    // Only a statement that ends too early has no place: it is behind the last character.
    let (line, column) = position(&message).unwrap_or_else(|| end(sql));
    let (message, _) = message.split_once(" at Line:").unwrap_or((&message, ""));
    let excerpt = sql
        .lines()
        .nth(line.saturating_sub(1))
        .map(|text| format!("  {text}\n  {}^", " ".repeat(column.saturating_sub(1))))
        .unwrap_or_default();
    QueryError::Syntax { line, column, message: message.to_owned(), excerpt }
}

/// `... at Line: 1, Column: 8` -> (1, 8).
fn position(message: &str) -> Option<(usize, usize)> {
    let number = |key: &str| {
        let (_, rest) = message.rsplit_once(key)?;
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let (line, column) = (number("Line:")?, number("Column:")?);
    (line > 0).then_some((line, column))
}

/// The place behind the last character.
fn end(sql: &str) -> (usize, usize) {
    let last = sql.trim_end().lines().last().unwrap_or_default();
    (sql.trim_end().lines().count().max(1), last.chars().count() + 1)
}

/// A statement that is no query, named by what it is: `DML not supported: Delete` -> `Delete`.
pub(super) fn refused(error: &DataFusionError) -> QueryError {
    let text = error.strip_backtrace();
    let statement = text.rsplit_once("not supported: ").map_or(text.as_str(), |(_, name)| name);
    QueryError::Refused { statement: statement.to_owned() }
}

/// A planning error; unknown names get their nearest neighbours.
pub(super) fn planning(ctx: &SessionContext, error: &DataFusionError) -> QueryError {
    match error.find_root() {
        DataFusionError::External(inner) => match inner.downcast_ref::<NotAllowed>() {
            Some(refusal) => QueryError::NotAllowed(refusal.clone()),
            None => QueryError::Planning(inner.to_string()),
        },
        DataFusionError::SchemaError(schema, _) => {
            if let SchemaError::FieldNotFound { field, valid_fields } = schema.as_ref() {
                return unknown_column(field, valid_fields);
            }
            QueryError::Planning(schema.to_string())
        }
        DataFusionError::Plan(message) => {
            let name = message.strip_prefix("table '").and_then(|rest| rest.split_once("' not found"));
            match name {
                Some((name, _)) => unknown_table(ctx, name),
                None => QueryError::Planning(message.clone()),
            }
        }
        DataFusionError::Diagnostic(_, inner) => QueryError::Planning(inner.strip_backtrace()),
        other => QueryError::Planning(other.strip_backtrace()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(super) fn execution(error: DataFusionError) -> QueryError {
    if let DataFusionError::External(inner) = error.find_root()
        && let Some(incident) = inner.downcast_ref::<Incident>()
    {
        return QueryError::Incident(incident.clone());
    }
    QueryError::Execution(error.find_root().strip_backtrace())
}

fn unknown_column(field: &Column, valid: &[Column]) -> QueryError {
    let names: Vec<String> = valid.iter().map(|column| column.name.clone()).collect();
    QueryError::UnknownColumn { name: field.name.clone(), candidates: closest(&field.name, names) }
}

/// `bilim.mart.indicatr` -> the nearest of all `schema.table` names.
fn unknown_table(ctx: &SessionContext, name: &str) -> QueryError {
    let mut names = Vec::new();
    if let Some(catalog) = ctx.catalog("bilim") {
        for schema in catalog.schema_names() {
            if let Some(tables) = catalog.schema(&schema) {
                names.extend(tables.table_names().into_iter().map(|table| format!("{schema}.{table}")));
            }
        }
    }
    let typed = name.strip_prefix("bilim.").unwrap_or(name).to_owned();
    QueryError::UnknownTable { candidates: closest(&typed, names), name: typed }
}

/// The three nearest names, none when nothing is near.
fn closest(typed: &str, names: Vec<String>) -> Vec<String> {
    let typed = typed.to_lowercase();
    let mut scored: Vec<(f64, String)> = names
        .into_iter()
        .map(|name| {
            let table = name.rsplit('.').next().unwrap_or(&name);
            let own = typed.rsplit('.').next().unwrap_or(&typed);
            let score = strsim::jaro_winkler(&typed, &name).max(strsim::jaro_winkler(own, table));
            (score, name)
        })
        .filter(|(score, _)| *score > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}
