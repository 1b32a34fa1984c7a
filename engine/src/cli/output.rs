//! Where an answer goes and how wide it may be.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};

use datafusion::execution::SendableRecordBatchStream;

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
