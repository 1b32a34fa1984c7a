//! Workbooks (XLSX, XLS), cell by cell as a stream.
//!
//! The sheet is never laid out as a rectangle: one cell at XFD1048576 costs one cell.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx};

use super::numbers::{double_text, serial_date, whole_text};
use super::xls::{Xls, XlsValue};
use super::zip_guard::{self, MAX_CELLS};
use super::{BLOCK_BYTES, Block, Source, choose_header, limit};
use crate::definitions::{FieldType, Form};
use crate::intake::error::IntakeError;
use crate::intake::finding::{At, Findings};
use crate::intake::grid::Grid;
use crate::intake::header::{HEADER_ROWS, Layout, Names};
use crate::intake::input::Input;
use crate::intake::rules::{self, same};
use crate::intake::{Options, ids};

/// Most sheets that are searched for a header.
const MAX_SHEETS: usize = 255;

type Bytes = Cursor<Vec<u8>>;
/// 1-based row, cells from the first column on.
type HeadRow = (u64, Vec<String>);

/// An open workbook.
pub(in crate::intake) struct Workbook {
    book: Kind,
    max_cell_bytes: usize,
}

/// Its container.
enum Kind {
    Xlsx(Box<Xlsx<Bytes>>),
    Xls(Box<Xls>),
}

impl Kind {
    /// As findings name it.
    fn name(&self) -> &'static str {
        match self {
            Self::Xlsx(_) => "XLSX",
            Self::Xls(_) => "XLS",
        }
    }
}

/// One cell that is not empty.
enum Value<'a> {
    Text(&'a str),
    Double(f64),
    Whole(i64),
    Truth(bool),
    Time(ExcelDateTime),
    Error(String),
}

impl<'a> Value<'a> {
    fn of(data: &'a DataRef<'a>) -> Option<Self> {
        Some(match data {
            DataRef::Int(number) => Self::Whole(*number),
            DataRef::Float(number) => Self::Double(*number),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                Self::Text(text)
            }
            DataRef::SharedString(text) => Self::Text(text),
            DataRef::Bool(truth) => Self::Truth(*truth),
            DataRef::DateTime(time) => Self::Time(*time),
            DataRef::Error(error) => Self::Error(error.to_string()),
            DataRef::Empty => return None,
        })
    }

    fn of_xls(value: XlsValue<'a>) -> Self {
        match value {
            XlsValue::Text(text) => Self::Text(text),
            XlsValue::Number(number) => Self::Double(number),
            XlsValue::Time(time) => Self::Time(time),
            XlsValue::Truth(truth) => Self::Truth(truth),
            XlsValue::Error(error) => Self::Error(error.to_string()),
        }
    }

    /// The cell as it would be typed into a column of this type.
    fn text(&self, kind: Option<&FieldType>, is_1904: bool) -> std::borrow::Cow<'a, str> {
        use std::borrow::Cow;
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Whole(number) => whole_text(i128::from(*number), kind).into(),
            Self::Truth(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            Self::Error(text) => text.clone().into(),
            // A date column without a date format holds bare serial numbers.
            Self::Double(number) if kind == Some(&FieldType::Date) => {
                serial_date(*number, is_1904).unwrap_or_else(|| double_text(*number, kind)).into()
            }
            Self::Double(number) => double_text(*number, kind).into(),
            Self::Time(time) => match serial_date(time.as_f64(), is_1904).filter(|_| time.is_datetime()) {
                // Spreadsheets turn a typed 2010-09 into the first of the month.
                Some(date) if kind == Some(&FieldType::YearMonth) => {
                    date[..date.len().min(7)].to_owned().into()
                }
                Some(date) => date.into(),
                None => format!("{} days", time.as_f64()).into(),
            },
        }
    }
}

/// Cells of a sheet in file order: (row, column, value), 0-based; `take` says false to stop.
type Take<'t> = dyn FnMut(u32, u32, &Value<'_>) -> bool + 't;

impl Workbook {
    /// Open an XLSX file under limits.
    pub(in crate::intake) fn open(
        bytes: Vec<u8>,
        options: &Options<'_>,
        findings: &mut Findings,
    ) -> Option<Self> {
        if !zip_guard::check(&bytes, options.config, findings) {
            return None;
        }
        let open = || Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string());
        let max_cell_bytes = options.config.max_cell_bytes;
        caught("XLSX", open, findings).map(|book| Self { book: Kind::Xlsx(Box::new(book)), max_cell_bytes })
    }

    /// Open an XLS file under limits.
    pub(in crate::intake) fn open_xls(
        bytes: Vec<u8>,
        options: &Options<'_>,
        findings: &mut Findings,
    ) -> Option<Self> {
        let open = || Ok(Xls::open(bytes, options.config, findings));
        let book = catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err("XLS".to_owned()));
        match book {
            Ok(book) => book.map(|book| Self {
                book: Kind::Xls(Box::new(book)),
                max_cell_bytes: options.config.max_cell_bytes,
            }),
            Err(detail) => caught("XLS", || Err(detail), findings),
        }
    }

    fn is_1904(&self) -> bool {
        match &self.book {
            Kind::Xlsx(book) => book.has_1904_epoch(),
            Kind::Xls(book) => book.is_1904,
        }
    }

    fn sheet_names(&self) -> Vec<String> {
        let is_table = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet;
        match &self.book {
            Kind::Xlsx(book) => {
                let sheets = book.sheets_metadata().iter().filter(is_table);
                sheets.map(|sheet| sheet.name.clone()).take(MAX_SHEETS).collect()
            }
            Kind::Xls(book) => book.names().map(str::to_owned).take(MAX_SHEETS).collect(),
        }
    }

    /// Walk over the cells of a sheet.
    fn walk(&mut self, sheet: &str, take: &mut Take<'_>) -> Result<(), String> {
        let book = match &mut self.book {
            Kind::Xlsx(book) => book,
            Kind::Xls(book) => {
                return book.walk(sheet, &mut |row, column, value| take(row, column, &Value::of_xls(value)));
            }
        };
        let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| error.to_string())?;
        while let Some(cell) = cells.next_cell().map_err(|error| error.to_string())? {
            let (row, column) = cell.get_position();
            if let Some(value) = Value::of(cell.get_value())
                && !take(row, column, &value)
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The first rows of a sheet that hold anything.
    fn head(&mut self, sheet: &str, max_columns: usize) -> Result<Vec<HeadRow>, String> {
        let is_1904 = self.is_1904();
        let max_cell_bytes = self.max_cell_bytes;
        let mut rows: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        self.walk(sheet, &mut |row, column, value| {
            let row = u64::from(row) + 1;
            if !rows.contains_key(&row) && rows.len() == HEADER_ROWS {
                return false;
            }
            let cells = rows.entry(row).or_default();
            // Whatever lies beyond the limit is shown in the first column beyond it.
            let column = (column as usize).min(max_columns);
            cells.resize(cells.len().max(column + 1), String::new());
            let text = value.text(None, is_1904);
            if text.len() <= max_cell_bytes {
                cells[column] = text.into_owned();
            }
            true
        })?;
        Ok(rows.into_iter().collect())
    }

    /// The first sheet with a header of the form, else the first with anything in it.
    pub(in crate::intake) fn find_sheet(
        &mut self,
        names: &Names,
        options: &Options<'_>,
        findings: &mut Findings,
    ) -> Option<(String, Vec<HeadRow>)> {
        let mut first = None;
        let kind = self.book.name();
        for sheet in self.sheet_names() {
            let rows = caught(kind, || self.head(&sheet, options.config.max_columns), findings)?;
            if rows.iter().any(|(_, cells)| names.header_score(cells).is_some()) {
                return Some((sheet, rows));
            }
            if first.is_none() && !rows.is_empty() {
                first = Some((sheet, rows));
            }
        }
        if first.is_none() {
            findings.add(rules::EMPTY, At::FILE, Vec::new);
        }
        first
    }

    /// The cells below the header as grids of rows; `emit` says false to stop.
    pub(in crate::intake) fn rows(
        &mut self,
        sheet: &Sheet,
        findings: &mut Findings,
        emit: &mut dyn FnMut(Grid) -> bool,
    ) {
        let mut rows = Rows {
            sheet,
            is_1904: self.is_1904(),
            kind: self.book.name(),
            max_cell_bytes: self.max_cell_bytes,
            grid: Grid::new(Vec::new(), sheet.width),
            open: None,
            cells: 0,
            is_open: true,
        };
        let walked = catch_unwind(AssertUnwindSafe(|| {
            self.walk(&sheet.name, &mut |row, column, value| rows.take(row, column, value, findings, emit))
        }))
        .unwrap_or_else(|_| Err(self.book.name().to_owned()));
        match walked {
            Ok(()) => rows.finish(emit),
            Err(detail) => findings.add(rules::TRUNCATED, At::FILE, || vec![same(detail)]),
        }
    }
}

/// The sheet that is read, and how.
#[derive(Debug)]
pub(in crate::intake) struct Sheet {
    pub name: String,
    /// 1-based row of the header.
    pub header: u64,
    pub width: usize,
    /// Types of the columns that a field takes.
    pub kinds: Vec<Option<FieldType>>,
}

impl Sheet {
    pub(in crate::intake) fn new(form: &Form, name: String, header: u64, layout: &Layout) -> Self {
        let mut kinds = vec![None; layout.width];
        for (field, column) in form.fields.iter().zip(&layout.fields) {
            if let Some(column) = column {
                kinds[*column] = Some(field.field_type.clone());
            }
        }
        Self { name, header, width: layout.width, kinds }
    }
}

struct Rows<'s> {
    sheet: &'s Sheet,
    is_1904: bool,
    /// Of the workbook, as findings name it.
    kind: &'static str,
    max_cell_bytes: usize,
    grid: Grid,
    // 1-based row whose cells come in.
    open: Option<u64>,
    cells: u64,
    is_open: bool,
}

impl Rows<'_> {
    fn take(
        &mut self,
        row: u32,
        column: u32,
        value: &Value<'_>,
        findings: &mut Findings,
        emit: &mut dyn FnMut(Grid) -> bool,
    ) -> bool {
        self.cells += 1;
        if self.cells > MAX_CELLS {
            limit(findings, self.kind, format!("> {MAX_CELLS}"), MAX_CELLS);
            self.is_open = false;
            return false;
        }
        let row = u64::from(row) + 1;
        if row <= self.sheet.header {
            return true;
        }
        if self.open != Some(row) {
            self.end_row(emit);
            self.open = Some(row);
        }
        let column = column as usize;
        let kind = self.sheet.kinds.get(column).and_then(Option::as_ref);
        let text = value.text(kind, self.is_1904);
        if text.len() > self.max_cell_bytes {
            let at = At { row: Some(row), field: Some(&column_name(column)), value: None };
            findings.add(rules::LIMIT, at, || {
                let (found, most) = (text.len(), self.max_cell_bytes);
                vec![same("max_cell_bytes"), same(format!("{found} bytes")), same(format!("{most} bytes"))]
            });
        } else if column < self.sheet.width {
            self.grid.put(column, text.as_bytes());
        } else if !text.trim().is_empty() {
            let name = column_name(column);
            let at = At::cell(row, &name, text.as_bytes());
            if ids::holds_iin(text.as_bytes()) {
                findings.add(rules::IIN, at, || vec![same(&name)]);
            } else {
                findings.add(rules::CELLS, at, || {
                    vec![same((column + 1).to_string()), same(self.sheet.width.to_string())]
                });
            }
        }
        self.is_open
    }

    fn end_row(&mut self, emit: &mut dyn FnMut(Grid) -> bool) {
        let Some(row) = self.open.take() else { return };
        if self.grid.is_open_empty() {
            self.grid.drop_row();
        } else {
            self.grid.end_row(row);
        }
        if self.grid.bytes() >= BLOCK_BYTES {
            let grid = std::mem::replace(&mut self.grid, Grid::new(Vec::new(), self.sheet.width));
            self.is_open = self.is_open && emit(grid);
        }
    }

    fn finish(mut self, emit: &mut dyn FnMut(Grid) -> bool) {
        self.end_row(emit);
        if self.is_open && self.grid.len() > 0 {
            emit(self.grid);
        }
    }
}

/// `A`, `B`, ... `XFD`.
fn column_name(column: usize) -> String {
    let mut name = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        let letter = u8::try_from((left - 1) % 26).unwrap_or(0);
        name.insert(0, b'A' + letter);
        left = (left - 1) / 26;
    }
    String::from_utf8_lossy(&name).into_owned()
}

/// Run a parser that may fail or panic on a hostile file; either is a finding.
fn caught<T>(kind: &str, parse: impl FnOnce() -> Result<T, String>, findings: &mut Findings) -> Option<T> {
    let outcome = catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| Err(kind.to_owned()));
    match outcome {
        Ok(value) => Some(value),
        Err(detail) => {
            findings.add(rules::TRUNCATED, At::FILE, || vec![same(detail)]);
            None
        }
    }
}

struct Book {
    book: Workbook,
    sheet: Sheet,
}

impl Source for Book {
    fn run(
        &mut self,
        _input: &mut Input,
        findings: &mut Findings,
        emit: &mut dyn FnMut(Block) -> bool,
    ) -> Result<(), IntakeError> {
        self.book.rows(&self.sheet, findings, &mut |grid| emit(Block::Grid(grid)));
        Ok(())
    }
}

/// Open a workbook at its first fitting sheet.
pub(super) fn open(
    bytes: Vec<u8>,
    names: &Arc<Names>,
    options: &Options<'_>,
    findings: &mut Findings,
) -> Option<super::Rows> {
    let mut book = if bytes.starts_with(b"PK") {
        Workbook::open(bytes, options, findings)?
    } else {
        Workbook::open_xls(bytes, options, findings)?
    };
    let (name, rows) = book.find_sheet(names, options, findings)?;
    let (index, layout) = choose_header(names, &rows, options, findings)?;
    let sheet = Sheet::new(names.form(), name, rows[index].0, &layout);
    Some((layout, Box::new(Book { book, sheet })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_names_of_spreadsheets() {
        assert_eq!(["A", "Z", "AA", "XFD"], [0, 25, 26, 16_383].map(column_name).as_ref());
    }
}
