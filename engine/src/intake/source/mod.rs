//! Files of every format as blocks of rows.
//!
//! A source runs on the reading thread and only cuts: what costs time happens when a
//! worker unpacks a block into a grid of cells.

mod delimited;
mod ndjson;
mod numbers;
mod parquet;
mod workbook;
mod xls;
mod zip_guard;

use std::fmt::Display;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;

use super::error::IntakeError;
use super::finding::{At, Findings};
use super::grid::Grid;
use super::header::{HEADER_ROWS, Layout, Names, report_other};
use super::input::Input;
use super::rules::{self, same};
use super::{FileFormat, Options, ids, statistical};
use crate::definitions::Form;

/// Bytes of text in a block: a few milliseconds of work, small enough to share out evenly.
pub(super) const BLOCK_BYTES: usize = 4 << 20;

/// A file under way.
pub(super) trait Source: Send {
    /// Cut the file into blocks, in order; `emit` says false when no more are wanted.
    fn run(
        &mut self,
        input: &mut Input,
        findings: &mut Findings,
        emit: &mut dyn FnMut(Block) -> bool,
    ) -> Result<(), IntakeError>;
}

/// Rows that no worker has seen yet.
pub(super) enum Block {
    /// Complete records of delimited text, the first of which begins on this line.
    Delimited { bytes: Vec<u8>, line: u64, delimiter: u8 },
    /// Complete lines of JSON, from this line on.
    Json { bytes: Vec<u8>, line: u64, names: Arc<Names>, limits: ndjson::Limits },
    /// Rows of a sheet.
    Grid(Grid),
    /// Rows of a Parquet file, from this row on.
    Arrow { batch: RecordBatch, row: u64, columns: Arc<parquet::Columns> },
}

/// The cells of a block.
pub(super) struct Unpacked {
    pub grid: Grid,
    /// Names that no field has, with the row where they first stand in the block.
    pub unknown: Vec<(String, u64)>,
}

impl Block {
    /// The cells of the block; what is wrong with its rows as a whole becomes findings.
    pub(super) fn unpack(self, layout: &Layout, findings: &mut Findings) -> Unpacked {
        let grid = match self {
            Self::Delimited { bytes, line, delimiter } => {
                delimited::parse_block(bytes, line, delimiter, layout.width, findings)
            }
            Self::Json { bytes, line, names, limits } => {
                return ndjson::unpack(&bytes, line, &names, limits, findings);
            }
            Self::Grid(grid) => grid,
            Self::Arrow { batch, row, columns } => parquet::unpack(&batch, row, &columns),
        };
        Unpacked { grid, unknown: Vec::new() }
    }
}

/// The columns of a file and what is left to read of it.
pub(super) type Rows = (Layout, Box<dyn Source>);

/// A file whose first bytes have been understood.
pub(super) struct Opened {
    pub format: Option<FileFormat>,
    /// `None` = there is nothing to read on: findings say why.
    pub rows: Option<Rows>,
}

/// Tell the format by the first bytes and find the header.
pub(super) fn open(
    form: &Arc<Form>,
    input: &mut Input,
    options: &Options<'_>,
    findings: &mut Findings,
) -> Result<Opened, IntakeError> {
    open_with(form, input, options, BLOCK_BYTES, findings)
}

/// [`open`] with another block size; any size gives the same rows.
pub(super) fn open_with(
    form: &Arc<Form>,
    input: &mut Input,
    options: &Options<'_>,
    block_bytes: usize,
    findings: &mut Findings,
) -> Result<Opened, IntakeError> {
    let names = Arc::new(Names::new(form));
    if options.remit.is_unanswerable(form) {
        findings.add(rules::REMIT, At::FILE, || vec![same(&form.code)]);
    }
    let mut head = Vec::new();
    let is_end = input.fill(&mut head, delimited::HEAD_BYTES)?;
    let opened = |format, rows| Ok(Opened { format: Some(format), rows });
    let refused = |text: &str, findings: &mut Findings| {
        findings.add(rules::FORMAT, At::FILE, || vec![same(text)]);
        Ok(Opened { format: None, rows: None })
    };
    let format = if head.starts_with(b"PK") { FileFormat::Xlsx } else { FileFormat::Xls };
    match head.as_slice() {
        [b'P', b'A', b'R', b'1', ..] => {
            opened(FileFormat::Parquet, parquet::open(input, &names, options, findings)?)
        }
        [b'P', b'K', 3 | 5, 4 | 6, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            let rows = if input.check_size(options.config.max_workbook_bytes, "max_workbook_bytes", findings)
            {
                head.extend(input.rest()?);
                workbook::open(head, &names, options, findings)
            } else {
                None
            };
            opened(format, rows)
        }
        [9, 0 | 2 | 4, 4 | 6, 0, ..] => refused("XLS, Excel 2-4", findings),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            findings.add(rules::ENCODING_16, At::FILE, Vec::new);
            opened(FileFormat::Csv, None)
        }
        [0x1f, 0x8b, ..] => refused("gzip", findings),
        [b'%', b'P', b'D', b'F', ..] => refused("PDF", findings),
        bytes if bytes.starts_with(b"{\\rtf") => refused("RTF", findings),
        bytes => {
            let text = super::cells::trim(bytes);
            match text.first() {
                None if is_end => {
                    findings.add(rules::EMPTY, At::FILE, Vec::new);
                    opened(FileFormat::Csv, None)
                }
                Some(b'{') => {
                    let rows = ndjson::open(head, is_end, &names, options, block_bytes);
                    opened(FileFormat::Ndjson, Some(rows))
                }
                Some(b'[') => refused("JSON array", findings),
                Some(b'<') => refused("XML, HTML", findings),
                _ if input.ending() == "parquet" => {
                    findings.add(rules::TRUNCATED, At::FILE, || vec![same("Parquet: no PAR1")]);
                    opened(FileFormat::Parquet, None)
                }
                _ => {
                    let rows = delimited::open(head, is_end, &names, options, block_bytes, findings);
                    opened(FileFormat::Csv, rows)
                }
            }
        }
    }
}

/// Choose the header among the first rows of a file (row numbers, 0 = none, and cells) and hold it against
/// the form; `None` when reading on makes no sense.
fn choose_header(
    names: &Names,
    rows: &[(u64, Vec<String>)],
    options: &Options<'_>,
    findings: &mut Findings,
) -> Option<(usize, Layout)> {
    debug_assert!(rows.len() <= HEADER_ROWS, "callers read no more");
    let cells: Vec<Vec<String>> = rows.iter().map(|(_, cells)| cells.clone()).collect();
    let index = names.header_row(&cells);
    let other = match index {
        Some(index) => names.better_form(&cells[index], options.other_forms),
        None => cells.iter().find_map(|row| names.better_form(row, options.other_forms)),
    };
    let last = index.map_or(0, |index| index + 1);
    for (row, cells) in &rows[..last] {
        for cell in cells.iter().filter(|cell| ids::holds_iin(cell.as_bytes())) {
            findings.add(rules::IIN, At::header(*row, "header", cell.as_bytes()), || vec![same("header")]);
        }
    }
    // Titles stand above the header, or anywhere when there is none.
    let above = &rows[..index.unwrap_or(rows.len())];
    let cells = above.iter().flat_map(|(_, cells)| cells).map(String::as_str);
    if let Some(title) = statistical::declared(&names.form().refused_titles, cells) {
        let title: String = title.chars().take(100).collect();
        findings.add(rules::STATISTICAL, At::FILE, || vec![same(&names.form().code), same(title)]);
        return None;
    }
    if let Some(other) = other {
        report_other(names.form(), other, findings);
        return None;
    }
    let Some(index) = index else {
        findings.add(rules::HEADER, At::FILE, || vec![same(&names.form().code)]);
        return None;
    };
    let (row, header) = &rows[index];
    let width = header.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
    if width > options.config.max_columns {
        limit(findings, "max_columns", width, options.config.max_columns);
        return None;
    }
    let layout = names.layout(header, *row, options.year.is_some(), findings);
    Some((index, layout))
}

/// A finding for a breached limit of the whole file.
fn limit(findings: &mut Findings, name: &str, found: impl Display, limit: impl Display) {
    findings
        .add(rules::LIMIT, At::FILE, || vec![same(name), same(found.to_string()), same(limit.to_string())]);
}
