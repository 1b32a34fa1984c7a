//! Records of cells.

use calamine::{CellErrorType, ExcelDateTime};

use super::record::{Damage, Record, Records, double, long, short};
use super::style::Styles;
use super::texts::{self, Texts};

const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const RICH_LABEL: u16 = 0x00d6;
const SHARED_LABEL: u16 = 0x00fd;
const TRUTH_OR_ERROR: u16 = 0x0205;
const RK: u16 = 0x027e;
const MANY_RK: u16 = 0x00bd;
const FORMULA: u16 = 0x0006;
const STRING: u16 = 0x0207;

/// A sheet has no more columns.
const MAX_COLUMNS: u16 = 256;

/// What a cell holds.
#[derive(Debug)]
pub(in super::super) enum XlsValue<'a> {
    Text(&'a str),
    Number(f64),
    Time(ExcelDateTime),
    Truth(bool),
    Error(CellErrorType),
}

impl XlsValue<'_> {
    /// Bytes of text that come out of the cell.
    pub(super) fn text_len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            _ => 0,
        }
    }
}

/// A place and its style, at the beginning of every record of a cell.
#[derive(Clone, Copy)]
struct Place {
    row: u32,
    column: u32,
    style: u16,
}

impl Place {
    fn of(data: &[u8]) -> Result<Self, Damage> {
        Self::at(short(data, 0)?, short(data, 2)?, short(data, 4)?)
    }

    fn at(row: u16, column: u16, style: u16) -> Result<Self, Damage> {
        if column >= MAX_COLUMNS {
            return Err(Damage("a cell lies beyond the last column, 256"));
        }
        Ok(Self { row: row.into(), column: column.into(), style })
    }
}

/// Reads cells of one sheet.
pub(super) struct Reader<'b> {
    texts: &'b Texts,
    styles: &'b Styles,
    is_1904: bool,
    /// The formula whose text comes in the next record.
    formula: Option<Place>,
}

type Take<'t> = dyn FnMut(u32, u32, XlsValue<'_>) -> bool + 't;

impl<'b> Reader<'b> {
    pub(super) fn new(texts: &'b Texts, styles: &'b Styles, is_1904: bool) -> Self {
        Self { texts, styles, is_1904, formula: None }
    }

    /// The cells of a record, if it has any; false when no more are wanted.
    pub(super) fn read(
        &mut self,
        record: &Record<'_>,
        records: &mut Records<'_>,
        take: &mut Take<'_>,
    ) -> Result<bool, Damage> {
        let data = record.data;
        match record.kind {
            NUMBER => Ok(self.number(Place::of(data)?, double(data, 6)?, take)),
            RK => Ok(self.number(Place::of(data)?, rk(long(data, 6)?), take)),
            MANY_RK => self.many(data, take),
            SHARED_LABEL => {
                let text = self.texts.get(long(data, 6)? as usize);
                Ok(put(Place::of(data)?, XlsValue::Text(text.ok_or(Damage("a cell names no text"))?), take))
            }
            LABEL | RICH_LABEL => {
                let place = Place::of(data)?;
                Ok(put(place, XlsValue::Text(&texts::text(data.get(6..).unwrap_or_default())?), take))
            }
            TRUTH_OR_ERROR => {
                let place = Place::of(data)?;
                let (value, is_error) = (byte(data, 6)?, byte(data, 7)? != 0);
                Ok(put(place, if is_error { error(value) } else { XlsValue::Truth(value != 0) }, take))
            }
            FORMULA => self.formula(data, take),
            STRING => {
                let Some(place) = self.formula.take() else { return Ok(true) };
                let text = string(data, records)?;
                Ok(put(place, XlsValue::Text(&text), take))
            }
            _ => Ok(true),
        }
    }

    fn number(&self, place: Place, number: f64, take: &mut Take<'_>) -> bool {
        let value = match self.styles.time(place.style) {
            Some(kind) => XlsValue::Time(ExcelDateTime::new(number, kind, self.is_1904)),
            None => XlsValue::Number(number),
        };
        put(place, value, take)
    }

    /// Numbers side by side: row, first column, a style and a number each, last column.
    fn many(&self, data: &[u8], take: &mut Take<'_>) -> Result<bool, Damage> {
        let (row, first) = (short(data, 0)?, short(data, 2)?);
        let middle = data.get(4..data.len().saturating_sub(2)).ok_or(Damage("a record is too short"))?;
        for (column, one) in (first..).zip(middle.chunks(6)) {
            let place = Place::at(row, column, short(one, 0)?)?;
            if !self.number(place, rk(long(one, 2)?), take) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A formula by the value that it had.
    fn formula(&mut self, data: &[u8], take: &mut Take<'_>) -> Result<bool, Damage> {
        let place = Place::of(data)?;
        self.formula = None;
        if short(data, 12)? != 0xffff {
            return Ok(self.number(place, double(data, 6)?, take));
        }
        match byte(data, 6)? {
            0 => {
                self.formula = Some(place);
                Ok(true)
            }
            1 => Ok(put(place, XlsValue::Truth(byte(data, 8)? != 0), take)),
            2 => Ok(put(place, error(byte(data, 8)?), take)),
            _ => Ok(true),
        }
    }
}

/// Hand a value over, unless it is an empty text; false when no more are wanted.
fn put(place: Place, value: XlsValue<'_>, take: &mut Take<'_>) -> bool {
    matches!(value, XlsValue::Text("")) || take(place.row, place.column, value)
}

fn byte(data: &[u8], at: usize) -> Result<u8, Damage> {
    data.get(at).copied().ok_or(Damage("a record is too short"))
}

/// The text of a formula; a long one goes on in the next record, each part with its own width.
fn string(data: &[u8], records: &mut Records<'_>) -> Result<String, Damage> {
    let mut text = String::new();
    let mut count = usize::from(short(data, 0)?);
    let mut part = data.get(2..).unwrap_or_default();
    while count > 0 {
        let (flags, bytes) = part.split_first().ok_or(Damage("a text is cut off"))?;
        let width = if flags & 1 == 0 { 1 } else { 2 };
        let here = count.min(bytes.len() / width);
        text.push_str(&texts::plain(part, here)?);
        count -= here;
        if count > 0 {
            part = records.continued()?.ok_or(Damage("a text is cut off"))?;
        }
    }
    Ok(text)
}

/// A number in four bytes: a whole number or the upper half of a double, perhaps in hundredths.
fn rk(bits: u32) -> f64 {
    let number = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        #[allow(clippy::cast_possible_wrap, reason = "the sign is the first of the thirty bits")]
        f64::from(bits as i32 >> 2)
    };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

fn error(code: u8) -> XlsValue<'static> {
    XlsValue::Error(match code {
        0x00 => CellErrorType::Null,
        0x07 => CellErrorType::Div0,
        0x17 => CellErrorType::Ref,
        0x1d => CellErrorType::Name,
        0x24 => CellErrorType::Num,
        0x2a => CellErrorType::NA,
        _ => CellErrorType::Value,
    })
}

#[cfg(test)]
mod tests {
    use super::rk;

    /// The values of the format's own description: a double and a whole number, each plain and in hundredths.
    #[test]
    fn short_numbers_are_read() {
        let read = [0x3ff0_0000, 0x3ff0_0001, 0x004b_5646, 0x004b_5647, 0xffff_fffe]
            .map(|bits| rk(bits).to_string());
        assert_eq!(read, ["1", "0.01", "1234321", "12343.21", "-1"]);
    }
}
