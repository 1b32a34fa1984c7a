//! Numbers that come as doubles, from workbooks, JSON and Parquet, as text cells.

use crate::definitions::FieldType;
use crate::intake::cells::date_text;
use crate::intake::ids;

/// Days from the epoch of spreadsheets (1899-12-30 for serials from March 1900 on) to 1970-01-01.
const SPREADSHEET_EPOCH: f64 = 25_569.0;

/// A whole number as it would be typed: identifiers get back the zeros that numbers lose.
pub(super) fn whole_text(number: i128, field_type: Option<&FieldType>) -> String {
    let plain = number.to_string();
    let padded = || format!("{number:012}");
    match field_type {
        Some(FieldType::Bin) if (0..1_000_000_000_000).contains(&number) => padded(),
        // Persons born in 2000 to 2009 have numbers that begin with zeros.
        _ if (9..12).contains(&plain.len()) && number > 0 && ids::iin(padded().as_bytes()).is_some() => {
            match field_type {
                // Nine or ten digits are common numbers; columns of numbers have a right to them.
                Some(FieldType::Long | FieldType::Decimal(..) | FieldType::Number | FieldType::Kato) => plain,
                _ => padded(),
            }
        }
        _ => plain,
    }
}

/// A double as it would be typed: whole numbers without a fraction, others to the 15 digits that
/// spreadsheets keep, never with an exponent.
pub(super) fn double_text(value: f64, field_type: Option<&FieldType>) -> String {
    // Beyond this, neighbouring doubles are more than one apart: not a number anyone typed.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        // Sixteen digits of a pseudonym are more than a double holds in general.
        if field_type == Some(&FieldType::Pseudonym) && value.abs() >= 1e12 {
            return format!("{value:e}");
        }
        #[allow(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        let number = value as i64;
        return whole_text(i128::from(number), field_type);
    }
    // 0.1 + 0.2 is 0.3 to whoever typed it.
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// The date of a spreadsheet's serial number; `None` for a time of day or a date before March 1900.
pub(super) fn serial_date(serial: f64, is_1904: bool) -> Option<String> {
    let days = serial - SPREADSHEET_EPOCH + if is_1904 { 1462.0 } else { 0.0 };
    if serial.fract() != 0.0 || !(61.0..3_000_000.0).contains(&(days + SPREADSHEET_EPOCH)) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "whole and small")]
    let days = days as i32;
    Some(date_text(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_read_as_typed() {
        assert_eq!(double_text(7.0, None), "7");
        assert_eq!(double_text(1.7, None), "1.7");
        assert_eq!(double_text(0.1 + 0.2, None), "0.3");
        assert_eq!(double_text(-0.5, None), "-0.5");
        assert_eq!(double_text(1e300, None).len(), 301);
        assert_eq!(double_text(f64::NAN, None), "NaN");
        assert_eq!(double_text(10_140_000_123.0, Some(&FieldType::Bin)), "010140000123");
        assert_eq!(double_text(1_234_567_890_123_456.0, Some(&FieldType::Pseudonym)), "1.234567890123456e15");
        let person = ids::with_check_digit("01020350012");
        let number: f64 = person.parse().expect("digits");
        assert_eq!(double_text(number, Some(&FieldType::Pseudonym)), person);
        assert_eq!(double_text(number, Some(&FieldType::Number)), person.trim_start_matches('0'));
    }

    #[test]
    fn serials_are_dates() {
        assert_eq!(serial_date(45_536.0, false).as_deref(), Some("2024-09-01"));
        assert_eq!(serial_date(45_536.0 - 1462.0, true).as_deref(), Some("2024-09-01"));
        assert_eq!(serial_date(61.0, false).as_deref(), Some("1900-03-01"));
        assert_eq!(serial_date(0.5, false), None);
        assert_eq!(serial_date(60.0, false), None);
        assert_eq!(serial_date(f64::INFINITY, false), None);
    }
}
