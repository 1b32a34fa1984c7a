//! CSV spelling of records.
//!
//! Owns how each field type is written; written for speed, since a synthetic country
//! has tens of millions of lines. Quoting follows RFC 4180.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use crate::dimension::TOTAL;
use crate::ids::{Bin, Kato};
use crate::level::Level;
use crate::pseudonym::Pseudonym;
use crate::year::Year;
use crate::year_month::YearMonth;

/// A value in tenths, for `decimal(p,1)` fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tenths(pub i32);

/// A value in hundredths, for `decimal(p,2)` fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hundredths(pub i32);

/// A value in ten thousandths, for `decimal(p,4)` fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TenThousandths(pub i32);

/// A value in millionths, for `decimal(p,6)` fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millionths(pub i32);

/// A member of a dimension, or its total when `None`, written `_T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalOr<T>(pub Option<T>);

/// A unit of territory, or the republic when `None`, written `0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RepublicOr(pub Option<Kato>);

/// One line being written.
#[derive(Debug)]
pub struct CsvRow<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> CsvRow<'a> {
    /// Starts a line at the end of `out`.
    pub const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, is_first: true }
    }

    /// Writes the next field.
    pub fn field(&mut self, value: &impl Field) {
        if !self.is_first {
            self.out.push(b',');
        }
        self.is_first = false;
        value.write(self.out);
    }

    /// Ends the line.
    pub fn end(self) {
        self.out.push(b'\n');
    }
}

/// A value with a CSV spelling.
pub trait Field {
    /// Appends it.
    fn write(&self, out: &mut Vec<u8>);
}

impl<T: Field> Field for Option<T> {
    /// Missing is the empty field.
    fn write(&self, out: &mut Vec<u8>) {
        if let Some(value) = self {
            value.write(out);
        }
    }
}

impl<T: Field> Field for TotalOr<T> {
    fn write(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Some(member) => member.write(out),
            None => out.extend_from_slice(TOTAL.as_bytes()),
        }
    }
}

impl Field for RepublicOr {
    fn write(&self, out: &mut Vec<u8>) {
        match self.0 {
            Some(kato) => kato.write(out),
            None => out.push(b'0'),
        }
    }
}

impl Field for i64 {
    fn write(&self, out: &mut Vec<u8>) {
        if *self < 0 {
            out.push(b'-');
        }
        push_digits(out, self.unsigned_abs(), 1);
    }
}

macro_rules! integer_fields {
    ($($type:ty),+) => {
        $(impl Field for $type {
            fn write(&self, out: &mut Vec<u8>) {
                i64::from(*self).write(out);
            }
        })+
    };
}

integer_fields!(u8, u16, i32, u32);

impl Field for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Field for Cow<'static, str> {
    fn write(&self, out: &mut Vec<u8>) {
        push_text(out, self);
    }
}

impl Field for String {
    fn write(&self, out: &mut Vec<u8>) {
        push_text(out, self);
    }
}

impl Field for Year {
    fn write(&self, out: &mut Vec<u8>) {
        self.get().write(out);
    }
}

impl Field for Kato {
    fn write(&self, out: &mut Vec<u8>) {
        self.get().write(out);
    }
}

impl Field for Bin {
    fn write(&self, out: &mut Vec<u8>) {
        push_digits(out, self.get(), 12);
    }
}

impl Field for Pseudonym {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.hex());
    }
}

impl Field for YearMonth {
    fn write(&self, out: &mut Vec<u8>) {
        push_digits(out, u64::from(self.year()), 4);
        out.push(b'-');
        push_digits(out, u64::from(self.month()), 2);
    }
}

impl Field for NaiveDate {
    fn write(&self, out: &mut Vec<u8>) {
        // Dates of records lie in the range of `Year`, so the year is not negative.
        push_digits(out, u64::from(self.year().unsigned_abs()), 4);
        out.push(b'-');
        push_digits(out, u64::from(self.month()), 2);
        out.push(b'-');
        push_digits(out, u64::from(self.day()), 2);
    }
}

impl Field for Tenths {
    fn write(&self, out: &mut Vec<u8>) {
        push_fixed(out, self.0, 10, 1);
    }
}

impl Field for Hundredths {
    fn write(&self, out: &mut Vec<u8>) {
        push_fixed(out, self.0, 100, 2);
    }
}

impl Field for TenThousandths {
    fn write(&self, out: &mut Vec<u8>) {
        push_fixed(out, self.0, 10_000, 4);
    }
}

impl Field for Millionths {
    fn write(&self, out: &mut Vec<u8>) {
        push_fixed(out, self.0, 1_000_000, 6);
    }
}

/// Codes never need quotes.
macro_rules! code_fields {
    ($($type:ty),+ $(,)?) => {
        $(impl Field for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.code().as_bytes());
            }
        })+
    };
}

code_fields!(
    Level,
    crate::level::LevelCode,
    crate::dimension::Sex,
    crate::dimension::Locality,
    crate::dimension::Language,
    crate::dimension::Ownership,
    crate::modality::StudyForm,
    super::AuthorityKind,
    super::OrgType,
    super::BuildingState,
    super::Funding,
    super::ExitReason,
    super::Dormitory,
    super::OrderKind,
    super::ExemptReason,
    super::Circle,
    super::ExtraProvider,
    super::MealKind,
    super::QueuePrivilege,
    super::QueueStatus,
    super::Destination,
    super::PrevGradeResult,
    super::Position,
    super::Education,
    super::Category,
    super::LeftReason,
    super::Period,
    super::GradeStatus,
    super::ExamForm,
    super::Honours,
    super::UntSession,
    super::UntStatus,
    super::PopulationStatus,
);

fn push_fixed(out: &mut Vec<u8>, value: i32, unit: u32, width: usize) {
    if value < 0 {
        out.push(b'-');
    }
    let magnitude = value.unsigned_abs();
    push_digits(out, u64::from(magnitude / unit), 1);
    out.push(b'.');
    push_digits(out, u64::from(magnitude % unit), width);
}

const DIGITS: &[u8; 10] = b"0123456789";

/// Decimal digits, zero padded to at least `width` (at most 20).
fn push_digits(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    while value > 0 || digits.len() - start < width {
        start -= 1;
        digits[start] = DIGITS[usize::try_from(value % 10).unwrap_or_default()];
        value /= 10;
    }
    out.extend_from_slice(&digits[start..]);
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    let needs_quotes = text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if !needs_quotes {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// The line with its field number `index` (from 0) replaced by `text`.
///
/// How a caller plants what no typed record can hold (a letter in a number, an
/// unknown code). A line with fewer fields is returned unchanged.
///
/// # Panics
/// Never: a line is cut at ASCII separators only.
#[must_use]
pub fn replace_field(line: &str, index: usize, text: &str) -> String {
    let Some((start, end)) = field_bounds(line.as_bytes(), index) else {
        return line.to_owned();
    };
    let mut replaced = line.as_bytes()[..start].to_vec();
    push_text(&mut replaced, text);
    replaced.extend_from_slice(&line.as_bytes()[end..]);
    String::from_utf8(replaced).expect("a line is cut at ASCII separators only")
}

/// Byte range of a field, quotes included.
fn field_bounds(line: &[u8], index: usize) -> Option<(usize, usize)> {
    let mut quoted = false;
    let mut field = 0;
    let mut start = 0;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' | b'\n' if !quoted => {
                if field == index {
                    return Some((start, at));
                }
                field += 1;
                start = at + 1;
            }
            _ => {}
        }
    }
    (field == index && !line.ends_with(b"\n")).then_some((start, line.len()))
}
