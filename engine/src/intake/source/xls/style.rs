//! Which numbers are dates: it stands in the number format of the cell's style.

use std::collections::BTreeMap;

use calamine::ExcelDateTimeType;

use super::record::{Damage, short};
use super::texts;

/// Styles of cells, by number.
#[derive(Debug, Default)]
pub(super) struct Styles {
    formats: BTreeMap<u16, Option<ExcelDateTimeType>>,
    /// Number of the format of each style.
    styles: Vec<u16>,
}

impl Styles {
    /// A FORMAT record.
    pub(super) fn add_format(&mut self, data: &[u8]) -> Result<(), Damage> {
        let number = short(data, 0)?;
        self.formats.insert(number, time_format(&texts::text(data.get(2..).unwrap_or_default())?));
        Ok(())
    }

    /// An XF record.
    pub(super) fn add_style(&mut self, data: &[u8]) -> Result<(), Damage> {
        self.styles.push(short(data, 2)?);
        Ok(())
    }

    /// What kind of time a number of this style is; `None` = it is a number.
    pub(super) fn time(&self, style: u16) -> Option<ExcelDateTimeType> {
        let format = *self.styles.get(usize::from(style))?;
        match self.formats.get(&format) {
            Some(known) => *known,
            None => match format {
                // Formats that every program knows without being told.
                14..=22 | 27..=36 | 45 | 47 | 50..=58 => Some(ExcelDateTimeType::DateTime),
                46 => Some(ExcelDateTimeType::TimeDelta),
                _ => None,
            },
        }
    }
}

/// Whether a number format shows a time, or a duration (`[h]:mm`).
fn time_format(format: &str) -> Option<ExcelDateTimeType> {
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        match letter.to_ascii_lowercase() {
            // The first part of a format is that of positive numbers.
            ';' => break,
            '"' => letters.by_ref().find(|end| *end == '"').map_or((), drop),
            '\\' | '_' | '*' => drop(letters.next()),
            '[' => {
                let inside: String = letters.by_ref().take_while(|end| *end != ']').collect();
                let units = ["h", "hh", "m", "mm", "s", "ss"];
                if units.iter().any(|unit| inside.eq_ignore_ascii_case(unit)) {
                    return Some(ExcelDateTimeType::TimeDelta);
                }
            }
            'd' | 'm' | 'y' | 'h' | 's' => return Some(ExcelDateTimeType::DateTime),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_dates_are_told_from_formats_of_numbers() {
        for format in ["dd.mm.yyyy", "[$-F800]dddd, mmmm dd, yyyy", "h:mm AM/PM", "\\t yy"] {
            assert!(matches!(time_format(format), Some(ExcelDateTimeType::DateTime)), "{format}");
        }
        assert!(matches!(time_format("[h]:mm:ss"), Some(ExcelDateTimeType::TimeDelta)));
        for format in
            ["General", "0.00", "#,##0\\ \\d", "0\" days\"", "[Red]0;[Blue]-0", "_d0", "0;dd", "@", ""]
        {
            assert!(time_format(format).is_none(), "{format}");
        }
    }
}
