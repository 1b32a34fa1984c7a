//! Where an answer goes and how wide it may be.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::memory::MemoryStream;

use super::context::Context;
use super::error::CliError;
use crate::query::format::{self, Layout};
use crate::query::{Format, QueryError};

/// Write the rows of an answer to stdout or to `--output`; the result is the number of rows.
pub async fn rows(
    context: &Context,
    stream: SendableRecordBatchStream,
    is_expanded: bool,
) -> Result<u64, CliError> {
    let chosen = context.format();
    let layout = Layout { width: terminal_width(context), is_expanded };
    if let Some(path) = &context.global.output {
        let file = File::create(path).map_err(|source| CliError::File { path: path.clone(), source })?;
        let mut out = BufWriter::new(file);
        let count = format::write(stream, chosen, &layout, &mut out).await?;
        out.flush()?;
        return Ok(count);
    }
    if chosen.is_binary() && std::io::stdout().is_terminal() {
        return Err(CliError::Usage("this format is not for a terminal: add --output FILE".to_owned()));
    }
    let mut out = BufWriter::new(std::io::stdout());
    let count = format::write(stream, chosen, &layout, &mut out).await?;
    out.flush().map_err(QueryError::Write)?;
    Ok(count)
}

/// Write rows as a table to stdout, whatever the format asked for: for reports made of several answers.
pub async fn table(context: &Context, stream: SendableRecordBatchStream) -> Result<u64, CliError> {
    let layout = Layout { width: terminal_width(context), is_expanded: false };
    let mut out = BufWriter::new(std::io::stdout());
    let count = format::write(stream, Format::Table, &layout, &mut out).await?;
    out.flush().map_err(QueryError::Write)?;
    Ok(count)
}

/// Write a list that comes from the definitions and not from a lake: a table, or the format asked for by name.
pub async fn list(context: &Context, header: &[&str], rows: Vec<Vec<String>>) -> Result<(), CliError> {
    let fields: Vec<Field> =
        header.iter().map(|name| Field::new(name.replace(' ', "_"), DataType::Utf8, false)).collect();
    let schema = Arc::new(Schema::new(fields));
    let column = |index: usize| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|row| row.get(index).map_or("", String::as_str)),
        ))
    };
    let columns = (0..header.len()).map(column).collect();
    let failed = |error: String| CliError::Query(QueryError::Execution(error));
    let batch =
        RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|error| failed(error.to_string()))?;
    let stream =
        MemoryStream::try_new(vec![batch], schema, None).map_err(|error| failed(error.to_string()))?;
    if context.global.format.is_none() && context.global.output.is_none() {
        table(context, Box::pin(stream)).await?;
    } else {
        self::rows(context, Box::pin(stream), false).await?;
    }
    Ok(())
}

/// Write one line to stdout or to `--output`.
pub fn line(context: &Context, text: &str) -> Result<(), CliError> {
    match &context.global.output {
        Some(path) => {
            let written = std::fs::write(path, format!("{text}\n"));
            written.map_err(|source| CliError::File { path: path.clone(), source })
        }
        None => Ok(writeln!(std::io::stdout(), "{text}")?),
    }
}

/// Columns of the terminal when a table goes there.
fn terminal_width(context: &Context) -> Option<u16> {
    if context.global.output.is_some()
        || !std::io::stdout().is_terminal()
        || context.format() != Format::Table
    {
        return None;
    }
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).or_else(|| {
        let mut table = comfy_table::Table::new();
        table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
        table.width()
    })
}
