//! Delimited text: CSV with comma, semicolon or tab.
//!
//! A quotation mark means something only at the beginning of a cell; inside a quoted cell
//! two of them stand for one, and line ends belong to the cell. Cutting a file into blocks
//! and splitting a block into cells follow the same grammar, so where a file is cut makes
//! no difference.

use std::sync::Arc;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::{Block, Rows, Source, choose_header, limit};
use crate::intake::check_text::as_windows_1251;
use crate::intake::error::IntakeError;
use crate::intake::finding::{At, Findings};
use crate::intake::grid::Grid;
use crate::intake::header::{HEADER_ROWS, Names};
use crate::intake::input::Input;
use crate::intake::rules::{self, same};
use crate::intake::{Options, ids};

/// Bytes in which the header must end.
pub(super) const HEAD_BYTES: usize = 1 << 20;

const DELIMITERS: [u8; 3] = [b';', b',', b'\t'];
const BOM: &[u8] = "\u{feff}".as_bytes();

/// One cell of a record.
enum Cell<'a> {
    /// As it stands, from here to there.
    Slice(usize, usize),
    /// Put together from a quoted cell.
    Text(&'a [u8]),
}

/// What was learnt about one record.
struct Record {
    /// Where the next one begins.
    next: usize,
    /// A quoted cell did not end.
    is_open: bool,
}

/// Split the record at `at` into cells.
fn split(bytes: &[u8], at: usize, delimiter: u8, mut cell: impl FnMut(Cell<'_>)) -> Record {
    let mut at = at;
    let mut text = Vec::new();
    loop {
        if bytes.get(at) != Some(&b'"') {
            // A plain cell ends at the next delimiter or line end, whatever quotes it holds.
            let end = memchr2(delimiter, b'\n', &bytes[at..]).map_or(bytes.len(), |gap| at + gap);
            if bytes.get(end) == Some(&delimiter) {
                cell(Cell::Slice(at, end));
                at = end + 1;
                continue;
            }
            let line_end = if end > at && bytes[end - 1] == b'\r' { end - 1 } else { end };
            cell(Cell::Slice(at, line_end));
            return Record { next: (end + 1).min(bytes.len()), is_open: false };
        }
        text.clear();
        at += 1;
        loop {
            let Some(gap) = memchr(b'"', &bytes[at..]) else {
                text.extend_from_slice(&bytes[at..]);
                cell(Cell::Text(&text));
                return Record { next: bytes.len(), is_open: true };
            };
            text.extend_from_slice(&bytes[at..at + gap]);
            at += gap + 1;
            if bytes.get(at) != Some(&b'"') {
                break;
            }
            text.push(b'"');
            at += 1;
        }
        // What follows the closing quote, mostly nothing, belongs to the cell.
        let end = memchr2(delimiter, b'\n', &bytes[at..]).map_or(bytes.len(), |gap| at + gap);
        let is_last = bytes.get(end) != Some(&delimiter);
        let tail = &bytes[at..end];
        text.extend_from_slice(if is_last { tail.strip_suffix(b"\r").unwrap_or(tail) } else { tail });
        cell(Cell::Text(&text));
        if is_last {
            return Record { next: (end + 1).min(bytes.len()), is_open: false };
        }
        at = end + 1;
    }
}

/// End of the last complete record of a text that begins with a record; `None` when it holds none.
fn last_record_end(bytes: &[u8], delimiter: u8) -> Option<usize> {
    let mut last = None;
    // Outside of quotes from here on.
    let mut from = 0;
    loop {
        let quote = memchr(b'"', &bytes[from..]).map(|gap| from + gap);
        let plain = &bytes[from..quote.unwrap_or(bytes.len())];
        if let Some(gap) = memrchr(b'\n', plain) {
            last = Some(from + gap + 1);
        }
        let Some(quote) = quote else { return last };
        from = quote + 1;
        if quote == 0 || bytes[quote - 1] == delimiter || bytes[quote - 1] == b'\n' {
            loop {
                let Some(gap) = memchr(b'"', &bytes[from..]) else { return last };
                from += gap + 1;
                if bytes.get(from) != Some(&b'"') {
                    break;
                }
                from += 1;
            }
        }
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// The cells of a block of records; rows that do not have the header's cells become findings.
pub(in crate::intake) fn parse_block(
    bytes: Vec<u8>,
    line: u64,
    delimiter: u8,
    width: usize,
    findings: &mut Findings,
) -> Grid {
    if std::str::from_utf8(&bytes).is_err() {
        report_encoding(&bytes, line, findings);
    }
    let has_quotes = memchr(b'"', &bytes).is_some();
    let mut grid = Grid::new(bytes, width);
    let mut line = line;
    let mut at = 0;
    // The grid owns the text that is read here; it is lent out to be sliced.
    let text = grid.take_text();
    while at < text.len() {
        let end = memchr(b'\n', &text[at..]).map_or(text.len(), |gap| at + gap);
        let mut cells = 0_usize;
        let mut has_surplus = false;
        let first = line;
        let mut is_open = false;
        let start = at;
        if has_quotes && memchr(b'"', &text[at..end]).is_some() {
            let record = split(&text, at, delimiter, |cell| {
                has_surplus |= cells >= width && !cell_is_empty(&cell);
                cells += 1;
                match cell {
                    Cell::Slice(start, end) => grid.push_slice(start, end),
                    Cell::Text(text) => grid.push_text(text),
                }
            });
            line += count_lines(&text[at..record.next]);
            is_open = record.is_open;
            at = record.next;
        } else {
            let line_end = if end > at && text[end - 1] == b'\r' { end - 1 } else { end };
            let mut from = at;
            for gap in memchr_iter(delimiter, &text[at..line_end]) {
                let to = at + gap;
                has_surplus |= cells >= width && to > from;
                cells += 1;
                grid.push_slice(from, to);
                from = to + 1;
            }
            has_surplus |= cells >= width && line_end > from;
            cells += 1;
            grid.push_slice(from, line_end);
            line += 1;
            at = (end + 1).min(text.len());
        }
        if is_open {
            findings.add(rules::QUOTE, At::row(first), || vec![same(first.to_string())]);
        }
        if !has_surplus && (grid.is_open_empty() || is_blank(&text[start..at], delimiter)) {
            grid.drop_row();
        } else if cells < width || has_surplus {
            // Cells have slipped: what stands where cannot be judged, except that no IIN may.
            grid.drop_row();
            let record = &text[start..at];
            let head = &record[..record.len().min(200)];
            let at = At { row: Some(first), field: None, value: Some(head) };
            findings.add(rules::CELLS, at, || vec![same(cells.to_string()), same(width.to_string())]);
            if ids::holds_iin(record) {
                findings.add(rules::IIN, At::row(first), || vec![same(format!("{first}"))]);
            }
        } else {
            grid.end_row(first);
        }
    }
    grid.put_text(text);
    grid
}

fn cell_is_empty(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Slice(start, end) => start == end,
        Cell::Text(text) => text.is_empty(),
    }
}

/// Lines of nothing but delimiters and blanks are what spreadsheets leave below a table.
fn is_blank(record: &[u8], delimiter: u8) -> bool {
    // The first byte settles it for nearly every row.
    record.iter().all(|byte| byte.is_ascii_whitespace() || *byte == delimiter)
}

/// A finding for every line that is not UTF-8.
fn report_encoding(bytes: &[u8], line: u64, findings: &mut Findings) {
    for (line, text) in (line..).zip(bytes.split(|byte| *byte == b'\n')) {
        if std::str::from_utf8(text).is_err() {
            if let Some(decoded) = as_windows_1251(text) {
                let at = At { row: Some(line), field: None, value: Some(decoded.as_bytes()) };
                findings.add(rules::ENCODING_1251, at, Vec::new);
            } else {
                let at = At { row: Some(line), field: None, value: Some(text) };
                findings.add(rules::ENCODING, at, Vec::new);
            }
        }
    }
}

/// The first records of a file as text, with the offset and line behind each.
struct Head {
    rows: Vec<(u64, Vec<String>)>,
    ends: Vec<(usize, u64)>,
    most_cells: usize,
}

fn head_records(bytes: &[u8], delimiter: u8, max_cells: usize) -> Head {
    let mut head = Head { rows: Vec::new(), ends: Vec::new(), most_cells: 0 };
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() && head.rows.len() < HEADER_ROWS {
        let mut cells = Vec::new();
        let mut count = 0;
        let record = split(bytes, at, delimiter, |cell| {
            count += 1;
            if count <= max_cells {
                cells.push(match cell {
                    Cell::Slice(start, end) => as_text(&bytes[start..end]),
                    Cell::Text(text) => as_text(text),
                });
            }
        });
        head.most_cells = head.most_cells.max(count);
        head.rows.push((line, cells));
        line += count_lines(&bytes[at..record.next]);
        at = record.next;
        head.ends.push((at, line));
    }
    head
}

/// A header cell as text, in whatever encoding: to understand the file, not to take it.
fn as_text(cell: &[u8]) -> String {
    match std::str::from_utf8(cell) {
        Ok(text) => text.to_owned(),
        Err(_) => as_windows_1251(cell).unwrap_or_else(|| String::from_utf8_lossy(cell).into_owned()),
    }
}

/// Find delimiter and header in the beginning of a file.
pub(super) fn open(
    mut head: Vec<u8>,
    is_end: bool,
    names: &Arc<Names>,
    options: &Options<'_>,
    block_bytes: usize,
    findings: &mut Findings,
) -> Option<Rows> {
    if head.starts_with(BOM) {
        head.drain(..BOM.len());
    }
    let start = &head[..head.len().min(4096)];
    if memchr_iter(0, start).count() * 4 > start.len() {
        findings.add(rules::ENCODING_16, At::FILE, Vec::new);
        return None;
    }
    // Half a record at the end of the beginning would look like a row with too few cells.
    let max_columns = options.config.max_columns;
    let whole = |delimiter| if is_end { Some(head.len()) } else { last_record_end(&head, delimiter) };
    let candidates = DELIMITERS.map(|delimiter| {
        // Without a single line end the beginning is all there is to judge by.
        let end = whole(delimiter).unwrap_or(head.len());
        (delimiter, head_records(&head[..end], delimiter, max_columns + 1))
    });
    // The delimiter under which a header appears; else the one that makes most cells.
    let (delimiter, records) = candidates.into_iter().max_by_key(|(_, records)| {
        let best = records.rows.iter().filter_map(|(_, cells)| names.header_score(cells)).max();
        (best, records.most_cells)
    })?;
    if records.most_cells > max_columns {
        limit(findings, "max_columns", records.most_cells, max_columns);
        return None;
    }
    if whole(delimiter).is_none() {
        limit(findings, "header", format!("> {HEAD_BYTES} bytes"), format!("{HEAD_BYTES} bytes"));
        return None;
    }
    let (index, layout) = choose_header(names, &records.rows, options, findings)?;
    let (end, line) = records.ends[index];
    if std::str::from_utf8(&head[..end]).is_err() {
        report_encoding(&head[..end], 1, findings);
    }
    head.drain(..end);
    let max_record = options.config.max_cell_bytes.saturating_mul(layout.width.clamp(4, 64));
    Some((layout, Box::new(Delimited { carry: head, line, delimiter, block_bytes, max_record })))
}

/// Delimited text behind its header.
struct Delimited {
    carry: Vec<u8>,
    line: u64,
    delimiter: u8,
    block_bytes: usize,
    max_record: usize,
}

impl Source for Delimited {
    fn run(
        &mut self,
        input: &mut Input,
        findings: &mut Findings,
        emit: &mut dyn FnMut(Block) -> bool,
    ) -> Result<(), IntakeError> {
        let mut buffer = std::mem::take(&mut self.carry);
        let mut wanted = self.block_bytes;
        loop {
            let is_read = input.fill(&mut buffer, wanted)?;
            // The beginning of the file may hold more than a block.
            let window = buffer.len().min(wanted);
            let is_end = is_read && window == buffer.len();
            let end = if is_end { Some(window) } else { last_record_end(&buffer[..window], self.delimiter) };
            let Some(end) = end else {
                if window > self.max_record {
                    findings.add(rules::QUOTE, At::row(self.line), || vec![same(self.line.to_string())]);
                    return Ok(());
                }
                wanted = window * 2;
                continue;
            };
            wanted = self.block_bytes;
            let mut rest = Vec::with_capacity(wanted + (wanted >> 3));
            rest.extend_from_slice(&buffer[end..]);
            buffer.truncate(end);
            let line = self.line;
            self.line += count_lines(&buffer);
            let is_wanted = buffer.is_empty()
                || emit(Block::Delimited { bytes: buffer, line, delimiter: self.delimiter });
            if is_end || !is_wanted {
                return Ok(());
            }
            buffer = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let mut records = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let mut cells = Vec::new();
            at = split(text, at, b';', |cell| {
                cells.push(match cell {
                    Cell::Slice(start, end) => text[start..end].to_vec(),
                    Cell::Text(text) => text.to_vec(),
                });
            })
            .next;
            records.push(cells);
        }
        records
    }

    #[test]
    fn quotes_follow_the_usual_rules() {
        for (text, expected) in [
            ("a;b\r\nc;d", vec![vec!["a", "b"], vec!["c", "d"]]),
            ("\"a;b\";\"c\"\"d\"\n", vec![vec!["a;b", "c\"d"]]),
            ("\"a\nb\";\"\"\r\n", vec![vec!["a\nb", ""]]),
            ("5\" disk;ТОО \"Рога\"\nx;y", vec![vec!["5\" disk", "ТОО \"Рога\""], vec!["x", "y"]]),
            ("\"a\"b;c\n", vec![vec!["ab", "c"]]),
            ("\"open;\nc", vec![vec!["open;\nc"]]),
            (";\n", vec![vec!["", ""]]),
        ] {
            let expected: Vec<Vec<Vec<u8>>> = expected
                .iter()
                .map(|row| row.iter().map(|cell| cell.as_bytes().to_vec()).collect())
                .collect();
            assert_eq!(records(text.as_bytes()), expected, "{text}");
        }
    }

    proptest! {
        // Cells that mix everything the grammar knows.
        #[test]
        fn a_cut_lies_between_two_records(text in "[a\";\n\r]{0,60}", at in 0_usize..60) {
            let text = text.as_bytes();
            let head = &text[..at.min(text.len())];
            if let Some(end) = last_record_end(head, b';') {
                let mut parts = records(&text[..end]);
                parts.extend(records(&text[end..]));
                prop_assert_eq!(parts, records(text));
            }
        }

        #[test]
        fn a_block_parses_like_its_records(text in "[a\";\n\r]{0,60}") {
            let bytes = text.as_bytes();
            let grid = parse_block(bytes.to_vec(), 1, b';', 2, &mut Findings::new("f", 100));
            let rows: Vec<Vec<Vec<u8>>> = (0..grid.len())
                .map(|row| (0..2).map(|column| grid.cell(row, column).to_vec()).collect())
                .collect();
            let is_blank = |row: &Vec<Vec<u8>>| row.iter().all(|cell| cell.trim_ascii().is_empty());
            let expected: Vec<Vec<Vec<u8>>> = records(bytes)
                .into_iter()
                .filter(|row| row.len() >= 2 && row[2..].iter().all(Vec::is_empty))
                .map(|row| row[..2].to_vec())
                .filter(|row| !is_blank(row))
                .collect();
            // Rows of blanks may be kept or not.
            let kept: Vec<Vec<Vec<u8>>> = rows.into_iter().filter(|row| !is_blank(row)).collect();
            prop_assert_eq!(kept, expected);
        }
    }
}
