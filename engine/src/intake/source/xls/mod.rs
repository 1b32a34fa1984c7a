//! Workbooks of Excel 97 to 2003 (XLS, BIFF8), cell by cell as a stream.
//!
//! The records are read here and not by calamine: that lays out the rectangle around the cells of every
//! sheet, copies shared texts into each cell and spells out formulas, none of which a file of 50 MB keeps
//! small. Here nothing is built but the shared texts; declared dimensions are not believed and formulas are
//! taken by the value that they had when the file was saved. Before any cell is handed on, the whole stream
//! has been walked once: its records fit into it, its sheets do not overlap, and it stays within the limits.

mod cells;
mod container;
mod record;
mod style;
mod texts;

use super::limit;
use super::zip_guard::MAX_CELLS;
use crate::config::Config;
use crate::intake::finding::{At, Findings};
use crate::intake::rules::{self, same};
pub(super) use cells::XlsValue;
use record::{Damage, Record, Records, long, short};
use style::Styles;
use texts::Texts;

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const FILEPASS: u16 = 0x002f;
const DATEMODE: u16 = 0x0022;
const BOUNDSHEET: u16 = 0x0085;
const FORMAT: u16 = 0x041e;
const XF: u16 = 0x00e0;
const SST: u16 = 0x00fc;

/// Version in the first record of the streams that are read.
const BIFF8: u16 = 0x0600;

/// An XLS file that has been walked through.
pub(super) struct Xls {
    stream: Vec<u8>,
    sheets: Vec<Sheet>,
    texts: Texts,
    styles: Styles,
    pub(super) is_1904: bool,
}

/// A worksheet: its name, and where its records lie.
struct Sheet {
    name: String,
    start: usize,
    end: usize,
}

/// Why a file is not read.
enum Refusal {
    Damaged(Damage),
    /// Another format, by name.
    Format(&'static str),
    /// A limit, what was found, the most.
    Limit(&'static str, u64, u64),
}

impl From<Damage> for Refusal {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl Xls {
    /// Open a file and walk through it; what forbids reading it becomes a finding.
    pub(super) fn open(bytes: Vec<u8>, config: &Config, findings: &mut Findings) -> Option<Self> {
        match Self::walked(bytes, config) {
            Ok(book) => return Some(book),
            Err(Refusal::Damaged(Damage(detail))) => {
                findings.add(rules::TRUNCATED, At::FILE, || vec![same(format!("XLS: {detail}"))]);
            }
            Err(Refusal::Format(found)) => findings.add(rules::FORMAT, At::FILE, || vec![same(found)]),
            Err(Refusal::Limit(name, found, most)) => limit(findings, name, found, most),
        }
        None
    }

    fn walked(bytes: Vec<u8>, config: &Config) -> Result<Self, Refusal> {
        let stream = container::workbook(bytes)?;
        let mut book = Self {
            stream: Vec::new(),
            sheets: Vec::new(),
            texts: Texts::default(),
            styles: Styles::default(),
            is_1904: false,
        };
        book.globals(&stream, config)?;
        book.stream = stream;
        book.measure(config)?;
        Ok(book)
    }

    /// What holds for the whole workbook.
    fn globals(&mut self, stream: &[u8], config: &Config) -> Result<(), Refusal> {
        let mut records = Records::new(stream, 0);
        let first = records.next()?.ok_or(Damage("it is empty"))?;
        is_biff8(&first)?;
        while let Some(record) = records.next()? {
            match record.kind {
                EOF => return Ok(()),
                FILEPASS => return Err(Refusal::Format("XLS, password")),
                DATEMODE => self.is_1904 = short(record.data, 0)? == 1,
                FORMAT => self.styles.add_format(record.data)?,
                XF => self.styles.add_style(record.data)?,
                SST => self.texts = Texts::read(&record, &mut records, config.max_inflated_bytes)?,
                BOUNDSHEET => {
                    let start = long(record.data, 0)? as usize;
                    // Charts and macro sheets have no rows of ours.
                    if record.data.get(5) == Some(&0) {
                        let name = texts::short_text(record.data.get(6..).unwrap_or_default())?;
                        self.sheets.push(Sheet { name, start, end: start });
                    }
                }
                _ => {}
            }
        }
        Err(Damage("its first part has no end").into())
    }

    /// Walk over every sheet: are its records whole, and how much would come out of it.
    fn measure(&mut self, config: &Config) -> Result<(), Refusal> {
        let (mut cells, mut bytes) = (0_u64, 0_u64);
        let mut sheets = std::mem::take(&mut self.sheets);
        for sheet in &mut sheets {
            let walked = self.walk_from(sheet.start, &mut |_, _, value| {
                cells += 1;
                bytes += value.text_len();
                cells <= MAX_CELLS && bytes <= config.max_inflated_bytes
            })?;
            if cells > MAX_CELLS {
                return Err(Refusal::Limit("XLS", cells, MAX_CELLS));
            }
            if bytes > config.max_inflated_bytes {
                return Err(Refusal::Limit("max_inflated_bytes", bytes, config.max_inflated_bytes));
            }
            sheet.end = walked;
        }
        let mut order: Vec<&Sheet> = sheets.iter().collect();
        order.sort_by_key(|sheet| sheet.start);
        // One stretch named by many sheets would be read as often.
        if order.windows(2).any(|pair| pair[1].start < pair[0].end) {
            return Err(Damage("its sheets lie in each other").into());
        }
        self.sheets = sheets;
        Ok(())
    }

    /// Names of the worksheets.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.sheets.iter().map(|sheet| sheet.name.as_str())
    }

    /// Walk over the cells of a sheet that are not empty: row and column from 0; `take` says false to stop.
    pub(super) fn walk(
        &self,
        sheet: &str,
        take: &mut dyn FnMut(u32, u32, XlsValue<'_>) -> bool,
    ) -> Result<(), String> {
        let found = self.sheets.iter().find(|one| one.name == sheet);
        let start = found.ok_or_else(|| format!("there is no sheet {sheet}"))?.start;
        self.walk_from(start, take).map(drop).map_err(|Damage(detail)| detail.to_owned())
    }

    /// The result is where the sheet ends, or where the walk was stopped.
    fn walk_from(
        &self,
        start: usize,
        take: &mut dyn FnMut(u32, u32, XlsValue<'_>) -> bool,
    ) -> Result<usize, Damage> {
        let mut records = Records::new(&self.stream, start);
        let first = records.next()?.ok_or(Damage("a sheet lies beyond its end"))?;
        if first.kind != BOF || short(first.data, 0)? != BIFF8 {
            return Err(Damage("a sheet does not begin where it should"));
        }
        // Charts within a sheet bring records of their own.
        let mut depth = 0;
        let mut reader = cells::Reader::new(&self.texts, &self.styles, self.is_1904);
        while let Some(record) = records.next()? {
            match record.kind {
                BOF => depth += 1,
                EOF if depth == 0 => return Ok(records.position()),
                EOF => depth -= 1,
                _ if depth > 0 => {}
                _ => {
                    if !reader.read(&record, &mut records, take)? {
                        return Ok(records.position());
                    }
                }
            }
        }
        Err(Damage("a sheet has no end"))
    }
}

/// The first record says of which age the stream is.
fn is_biff8(first: &Record<'_>) -> Result<(), Refusal> {
    match (first.kind, short(first.data, 0)?) {
        (BOF, BIFF8) => Ok(()),
        (BOF | 0x0009 | 0x0209 | 0x0409, _) => Err(Refusal::Format("XLS, Excel 95")),
        _ => Err(Damage("it does not begin as a workbook does").into()),
    }
}
