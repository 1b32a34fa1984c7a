//! Texts of BIFF8: one or two bytes a character, cut by record borders.

use super::Refusal;
use super::record::{Damage, Record, Records, long, short};
use crate::intake::source::zip_guard::MAX_CELLS;

/// The characters take two bytes each.
const IS_WIDE: u8 = 1;
const HAS_EXTENSION: u8 = 4;
const HAS_RUNS: u8 = 8;

/// The shared texts of a workbook, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    /// The texts of an SST record and of those that continue it.
    pub(super) fn read<'s>(
        record: &Record<'s>,
        records: &mut Records<'s>,
        most: u64,
    ) -> Result<Self, Refusal> {
        let mut texts = Self::default();
        let mut bytes =
            Pieces { rest: record.data.get(8..).ok_or(Damage("a record is too short"))?, records };
        // The count declared at its beginning is not believed.
        while !bytes.is_end()? {
            texts.one(&mut bytes)?;
            if texts.ends.len() as u64 > MAX_CELLS {
                return Err(Refusal::Limit("XLS", texts.ends.len() as u64, MAX_CELLS));
            }
            if texts.all.len() as u64 > most {
                return Err(Refusal::Limit("max_inflated_bytes", texts.all.len() as u64, most));
            }
        }
        Ok(texts)
    }

    fn one(&mut self, bytes: &mut Pieces<'_, '_>) -> Result<(), Damage> {
        let (mut count, flags) = (usize::from(short(bytes.head(2)?, 0)?), bytes.head(1)?[0]);
        let runs = if flags & HAS_RUNS == 0 { 0 } else { usize::from(short(bytes.head(2)?, 0)?) * 4 };
        let extension = if flags & HAS_EXTENSION == 0 { 0 } else { long(bytes.head(4)?, 0)? as usize };
        let mut is_wide = flags & IS_WIDE != 0;
        // A border of records may lie between two characters; the width is then said anew.
        loop {
            let width = if is_wide { 2 } else { 1 };
            let here = count.min(bytes.rest.len() / width);
            let (text, rest) = bytes.rest.split_at(here * width);
            decode(text, is_wide, &mut self.all);
            bytes.rest = rest;
            count -= here;
            if count == 0 {
                break;
            }
            if !bytes.rest.is_empty() {
                return Err(Damage("a text is cut within a character"));
            }
            bytes.rest = bytes.records.continued()?.ok_or(Damage("a text is cut off"))?;
            is_wide = bytes.head(1)?[0] & IS_WIDE != 0;
        }
        bytes.skip(runs)?;
        bytes.skip(extension)?;
        self.ends.push(self.all.len());
        Ok(())
    }

    /// A text by its number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.all.get(start..*self.ends.get(number)?)
    }
}

/// The data of a record and of those that continue it.
struct Pieces<'s, 'r> {
    rest: &'s [u8],
    records: &'r mut Records<'s>,
}

impl<'s> Pieces<'s, '_> {
    fn is_end(&mut self) -> Result<bool, Damage> {
        while self.rest.is_empty() {
            match self.records.continued()? {
                Some(data) => self.rest = data,
                None => return Ok(true),
            }
        }
        Ok(false)
    }

    /// So many bytes, which lie in one record.
    fn head(&mut self, count: usize) -> Result<&'s [u8], Damage> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(Damage("a text is cut off"))?;
        self.rest = rest;
        Ok(head)
    }

    /// Pass over bytes, wherever the borders lie.
    fn skip(&mut self, mut count: usize) -> Result<(), Damage> {
        while count > 0 {
            if self.is_end()? {
                return Err(Damage("a text is cut off"));
            }
            let here = count.min(self.rest.len());
            self.rest = &self.rest[here..];
            count -= here;
        }
        Ok(())
    }
}

/// Characters of one byte are those of Latin-1, of two UTF-16.
fn decode(bytes: &[u8], is_wide: bool, text: &mut String) {
    if is_wide {
        let units = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        text.extend(char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)));
    } else {
        text.extend(bytes.iter().map(|byte| char::from(*byte)));
    }
}

/// A text with its length in two bytes, whole within its record.
pub(super) fn text(data: &[u8]) -> Result<String, Damage> {
    let count = usize::from(short(data, 0)?);
    // An empty text may lack the rest.
    if count == 0 { Ok(String::new()) } else { plain(data.get(2..).unwrap_or_default(), count) }
}

/// A text with its length in one byte.
pub(super) fn short_text(data: &[u8]) -> Result<String, Damage> {
    let count = usize::from(*data.first().ok_or(Damage("a record is too short"))?);
    plain(&data[1..], count)
}

pub(super) fn plain(data: &[u8], count: usize) -> Result<String, Damage> {
    let (flags, bytes) = data.split_first().ok_or(Damage("a record is too short"))?;
    let is_wide = flags & IS_WIDE != 0;
    let length = if is_wide { count * 2 } else { count };
    let mut text = String::new();
    decode(bytes.get(..length).ok_or(Damage("a text is cut off"))?, is_wide, &mut text);
    Ok(text)
}
