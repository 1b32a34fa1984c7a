//! A sheet of a workbook as a table of texts: `row_number`, `c1` .. `cN`.
//!
//! Published workbooks have titles, merged cells and footnotes; where the numbers stand is
//! the mapping's business. `c1` is column A and `row_number` the row as the workbook counts
//! it; rows without any text are left out, and of merged cells only the first holds text.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xls, Xlsx};
use datafusion::arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use zip::ZipArchive;

use crate::config::Config;
use crate::definitions::SourceTable;

/// Most cells of a sheet, as in intake.
const MAX_CELLS: usize = 5_000_000;

/// One file of a zip container.
pub fn member(container: Vec<u8>, name: &str, config: &Config) -> Result<Vec<u8>, String> {
    let mut archive = ZipArchive::new(Cursor::new(container)).map_err(|error| error.to_string())?;
    let entry = archive.by_name(name).map_err(|error| format!("{name}: {error}"))?;
    let limit = config.max_workbook_bytes;
    let mut bytes = Vec::new();
    entry.take(limit + 1).read_to_end(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
    if bytes.len() as u64 > limit {
        return Err(format!("{name} is larger than max_workbook_bytes, {limit} bytes"));
    }
    Ok(bytes)
}

/// The sheet that a table names.
pub fn read(bytes: Vec<u8>, table: &SourceTable, config: &Config) -> Result<RecordBatch, String> {
    if bytes.len() as u64 > config.max_workbook_bytes {
        return Err(format!("it is larger than max_workbook_bytes, {} bytes", config.max_workbook_bytes));
    }
    // The parser may panic on a damaged file.
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            of_xls(bytes, table, config)
        } else {
            of_xlsx(bytes, table, config)
        }
    }));
    parsed.unwrap_or_else(|_| Err("the workbook is damaged".to_owned()))?.into_batch()
}

fn of_xls(bytes: Vec<u8>, table: &SourceTable, config: &Config) -> Result<Cells, String> {
    let mut book = Xls::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let sheet = choose(&book.sheet_names(), table)?;
    let range = book.worksheet_range(&sheet).map_err(|error| error.to_string())?;
    let mut cells = Cells::new(config);
    let (top, left) = range.start().unwrap_or_default();
    for (row, column, value) in range.used_cells() {
        let text = match value {
            Data::Int(number) => number.to_string(),
            Data::Float(number) => number.to_string(),
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
            Data::Bool(truth) => truth.to_string(),
            Data::DateTime(time) => time_text(*time),
            Data::Error(error) => error.to_string(),
            Data::Empty => continue,
        };
        // Positions of used cells count from the first used row and column.
        let row = u32::try_from(row).map_err(|error| error.to_string())?;
        let column = u32::try_from(column).map_err(|error| error.to_string())?;
        cells.put(row + top, column + left, text)?;
    }
    Ok(cells)
}

fn of_xlsx(bytes: Vec<u8>, table: &SourceTable, config: &Config) -> Result<Cells, String> {
    check_container(&bytes, config)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let sheet = choose(&book.sheet_names(), table)?;
    let mut cells = Cells::new(config);
    // Cell by cell: the rectangle of a sheet may be far larger than what it holds.
    let mut reader = book.worksheet_cells_reader(&sheet).map_err(|error| error.to_string())?;
    while let Some(cell) = reader.next_cell().map_err(|error| error.to_string())? {
        let (row, column) = cell.get_position();
        let text = match cell.get_value() {
            DataRef::Int(number) => number.to_string(),
            DataRef::Float(number) => number.to_string(),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Bool(truth) => truth.to_string(),
            DataRef::DateTime(time) => time_text(*time),
            DataRef::Error(error) => error.to_string(),
            DataRef::Empty => continue,
        };
        cells.put(row, column, text)?;
    }
    Ok(cells)
}

/// Sizes in the directory may lie: what really comes out of the container is counted.
fn check_container(bytes: &[u8], config: &Config) -> Result<(), String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let limit = config.max_inflated_bytes;
    let mut left = limit;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| error.to_string())?;
        let inflated = std::io::copy(&mut entry.take(left + 1), &mut std::io::sink())
            .map_err(|error| error.to_string())?;
        left = left
            .checked_sub(inflated)
            .ok_or_else(|| format!("it inflates beyond max_inflated_bytes, {limit} bytes"))?;
    }
    Ok(())
}

fn choose(sheets: &[String], table: &SourceTable) -> Result<String, String> {
    let chosen = match &table.sheet {
        Some(name) => sheets.iter().find(|sheet| *sheet == name),
        None => sheets.get(table.sheet_index.unwrap_or(0)),
    };
    chosen.cloned().ok_or_else(|| format!("there is no such sheet; it has {}", sheets.join(", ")))
}

/// `2024-09-01`, with a time of day when there is one; a duration stays the number of days that it is.
fn time_text(time: ExcelDateTime) -> String {
    if !time.is_datetime() {
        return time.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

/// Cells by row and column, from 0.
struct Cells {
    rows: BTreeMap<u32, BTreeMap<usize, String>>,
    width: usize,
    count: usize,
    max_columns: usize,
    max_cell_bytes: usize,
}

impl Cells {
    fn new(config: &Config) -> Self {
        Self {
            rows: BTreeMap::new(),
            width: 0,
            count: 0,
            max_columns: config.max_columns,
            max_cell_bytes: config.max_cell_bytes,
        }
    }

    fn put(&mut self, row: u32, column: u32, text: String) -> Result<(), String> {
        if text.is_empty() {
            return Ok(());
        }
        let column = column as usize;
        self.count += 1;
        if self.count > MAX_CELLS {
            return Err(format!("the sheet has more than {MAX_CELLS} cells"));
        }
        if column >= self.max_columns {
            return Err(format!("row {} goes beyond max_columns, {}", row + 1, self.max_columns));
        }
        if text.len() > self.max_cell_bytes {
            return Err(format!("a cell of row {} is longer than max_cell_bytes", row + 1));
        }
        self.width = self.width.max(column + 1);
        self.rows.entry(row).or_default().insert(column, text);
        Ok(())
    }

    fn into_batch(self) -> Result<RecordBatch, String> {
        let mut fields = vec![Field::new("row_number", DataType::Int32, false)];
        let numbers: Result<Int32Array, _> =
            self.rows.keys().map(|row| i32::try_from(row + 1).map(Some)).collect();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(numbers.map_err(|error| error.to_string())?)];
        for column in 0..self.width {
            fields.push(Field::new(format!("c{}", column + 1), DataType::Utf8, true));
            let texts: StringArray = self.rows.values().map(|row| row.get(&column)).collect();
            columns.push(Arc::new(texts));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{Format, Workbook};

    use super::*;

    fn table(sheet: Option<&str>) -> SourceTable {
        SourceTable {
            name: "t".to_owned(),
            path: "t.xlsx".to_owned(),
            local: false,
            member: None,
            sheet: sheet.map(str::to_owned),
            sheet_index: None,
        }
    }

    fn workbook() -> Vec<u8> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name("Всего").expect("a name");
        sheet.merge_range(1, 1, 1, 2, "merged", &Format::new()).expect("a range");
        sheet.write_number(3, 2, 103.37).expect("a cell");
        sheet.write_number(3, 3, 7.0).expect("a cell");
        let date = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_number_with_format(3, 4, 45_536.0, &date).expect("a cell");
        book.save_to_buffer().expect("a workbook")
    }

    #[test]
    fn cells_keep_their_place_and_read_as_typed() {
        let batch = read(workbook(), &table(Some("Всего")), &Config::default()).expect("a sheet");
        let shown =
            datafusion::arrow::util::pretty::pretty_format_batches(&[batch]).expect("text").to_string();
        let rows: Vec<&str> = shown.lines().collect();
        assert_eq!(
            rows[3..5],
            [
                "| 2          |    | merged |        |    |            |",
                "| 4          |    |        | 103.37 | 7  | 2024-09-01 |"
            ]
        );
    }

    #[test]
    fn what_is_not_there_is_named() {
        let error = read(workbook(), &table(Some("Итого")), &Config::default()).expect_err("no sheet");
        assert_eq!(error, "there is no such sheet; it has Всего");
        let narrow = Config { max_columns: 2, ..Config::default() };
        assert!(read(workbook(), &table(None), &narrow).expect_err("too wide").contains("max_columns"));
        let small = Config { max_inflated_bytes: 100, ..Config::default() };
        assert!(
            read(workbook(), &table(None), &small).expect_err("too large").contains("max_inflated_bytes")
        );
        assert!(read(b"nothing".to_vec(), &table(None), &Config::default()).is_err());
    }
}
