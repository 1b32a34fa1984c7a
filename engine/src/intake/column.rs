//! One column of a grid: cells -> values of the field's type, findings for those that are not.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanBuilder, PrimitiveBuilder, StringBuilder};
use datafusion::arrow::datatypes::ArrowPrimitiveType;

use super::cells::{self, Problem};
use super::check_text;
use super::finding::{At, Findings};
use super::grid::Grid;
use super::ids;
use super::members::Members;
use super::rules::{self, BuiltIn, field_name, same, type_name};
use super::territory::Standing;
use crate::definitions::{Field, FieldType, Labels};

/// Why a cell is refused.
pub(super) enum Fault {
    Value(Problem),
    Length,
    Control,
    Bin,
    Kato(Standing, i32),
    Country,
    Range,
    Limit,
    Iin,
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Value(problem)
    }
}

/// One column of a grid on its way to a field.
pub(super) struct Column<'c> {
    pub grid: &'c Grid,
    pub place: usize,
    pub field: &'c Field,
    pub findings: &'c mut Findings,
}

impl Column<'_> {
    pub(super) fn primitive<T: ArrowPrimitiveType>(
        &mut self,
        mut parse: impl FnMut(usize, &[u8]) -> Result<T::Native, Fault>,
    ) -> ArrayRef {
        let mut builder = PrimitiveBuilder::<T>::with_capacity(self.grid.len());
        for row in 0..self.grid.len() {
            let cell = trim(self.grid.cell(row, self.place));
            if cell.is_empty() {
                builder.append_null();
                self.empty(row);
                continue;
            }
            match parse(row, cell) {
                Ok(value) => builder.append_value(value),
                Err(fault) => {
                    builder.append_null();
                    self.refuse(row, cell, &fault);
                }
            }
        }
        Arc::new(builder.finish())
    }

    pub(super) fn booleans(&mut self) -> ArrayRef {
        let mut builder = BooleanBuilder::with_capacity(self.grid.len());
        for row in 0..self.grid.len() {
            let cell = trim(self.grid.cell(row, self.place));
            if cell.is_empty() {
                builder.append_null();
                self.empty(row);
                continue;
            }
            match cells::boolean(cell) {
                Ok(value) => builder.append_value(value),
                Err(problem) => {
                    builder.append_null();
                    self.refuse(row, cell, &Fault::Value(problem));
                }
            }
        }
        Arc::new(builder.finish())
    }

    pub(super) fn codes(&mut self, members: &Members) -> ArrayRef {
        let rows = self.grid.len();
        let mut builder = StringBuilder::with_capacity(rows, rows * 8);
        // Neighbouring rows mostly repeat the code.
        let mut last: Option<usize> = None;
        for row in 0..rows {
            let cell = trim(self.grid.cell(row, self.place));
            if cell.is_empty() {
                builder.append_null();
                self.empty(row);
                continue;
            }
            if last.is_none_or(|last| members.get(last).as_bytes() != cell) {
                last = members.find(cell);
            }
            if let Some(index) = last {
                builder.append_value(members.get(index));
            } else {
                builder.append_null();
                if ids::holds_iin(cell) {
                    self.refuse(row, cell, &Fault::Iin);
                } else {
                    let at = At::cell(self.grid.rows()[row], &self.field.name, cell);
                    let text = String::from_utf8_lossy(&cell[..cell.len().min(200)]);
                    self.findings.add(rules::CODE, at, || {
                        vec![field_name(self.field), same(members.closest(&text).unwrap_or("-"))]
                    });
                }
            }
        }
        Arc::new(builder.finish())
    }

    pub(super) fn texts(&mut self, length: usize, max_bytes: usize) -> ArrayRef {
        let rows = self.grid.len();
        let mut builder = StringBuilder::with_capacity(rows, rows * 16);
        for row in 0..rows {
            let cell = trim(self.grid.cell(row, self.place));
            if cell.is_empty() {
                builder.append_null();
                self.empty(row);
                continue;
            }
            let text = text(cell, length, max_bytes);
            match text {
                Ok(text) => {
                    builder.append_value(text);
                    if check_text::has_lost_letters(cell) {
                        let at = At::cell(self.grid.rows()[row], &self.field.name, cell);
                        self.findings.add(rules::LETTERS, at, Vec::new);
                    }
                }
                Err(fault) => {
                    builder.append_null();
                    if let Some(fault) = fault {
                        self.refuse(row, cell, &fault);
                    }
                }
            }
        }
        Arc::new(builder.finish())
    }

    #[inline]
    fn empty(&mut self, row: usize) {
        if self.field.is_required {
            self.missing(row);
        }
    }

    #[cold]
    fn missing(&mut self, row: usize) {
        let at = At { row: Some(self.grid.rows()[row]), field: Some(&self.field.name), value: None };
        self.findings.add(rules::REQUIRED, at, || vec![field_name(self.field)]);
    }

    #[cold]
    fn refuse(&mut self, row: usize, cell: &[u8], fault: &Fault) {
        let field = self.field;
        let at = At::cell(self.grid.rows()[row], &field.name, cell);
        let (rule, arguments): (&BuiltIn, Vec<Labels>) = match fault {
            // Whatever else is wrong with the cell: an IIN is the graver finding.
            _ if ids::holds_iin(cell) => (rules::IIN, vec![]),
            Fault::Iin => (rules::IIN, vec![]),
            Fault::Value(Problem::Type) => (rules::TYPE, vec![type_name(&field.field_type)]),
            Fault::Value(Problem::Integer) => (rules::INTEGER, vec![]),
            Fault::Value(Problem::Decimals) => (rules::DECIMALS, vec![same(decimals(field).to_string())]),
            Fault::Value(Problem::Range) | Fault::Range => (rules::RANGE, vec![same(range(field))]),
            Fault::Length => (rules::LENGTH, vec![same(length(field).to_string())]),
            Fault::Control => (rules::CONTROL, vec![]),
            Fault::Bin => (rules::BIN, vec![]),
            Fault::Country => (rules::KATO_COUNTRY, vec![]),
            Fault::Kato(Standing::OtherDate(then), day) => {
                let then = then.map_or_else(|| "-".to_owned(), |then| then.to_string());
                (rules::KATO_DATE, vec![same(cells::date_text(*day)), same(then)])
            }
            Fault::Kato(..) => (rules::KATO, vec![]),
            Fault::Limit => {
                let found = format!("{} bytes", cell.len());
                self.findings
                    .add(rules::LIMIT, at, || vec![field_name(field), same(found), same("max_cell_bytes")]);
                return;
            }
        };
        self.findings.add(rule, at, || std::iter::once(field_name(field)).chain(arguments).collect());
    }
}

/// Blanks go; the common cell has none and is told so by its ends.
#[inline]
pub(super) fn trim(cell: &[u8]) -> &[u8] {
    match (cell.first(), cell.last()) {
        (Some(b'!'..=b'~'), Some(b'!'..=b'~')) => cell,
        _ => cells::trim(cell),
    }
}

#[inline]
pub(super) fn in_range(field: &Field, value: f64) -> Result<(), Fault> {
    if field.min.is_some_and(|min| value < min) || field.max.is_some_and(|max| value > max) {
        return Err(Fault::Range);
    }
    Ok(())
}

/// A number of twelve digits may be a person's.
#[inline]
pub(super) fn no_iin(cell: &[u8]) -> Result<(), Fault> {
    if cell.len() >= 12 && ids::holds_iin(cell) { Err(Fault::Iin) } else { Ok(()) }
}

/// A text cell as it is stored; `None` as fault: the row is not UTF-8 and has a finding already.
fn text(cell: &[u8], length: usize, max_bytes: usize) -> Result<&str, Option<Fault>> {
    if cell.len() > max_bytes {
        return Err(Some(Fault::Limit));
    }
    if check_text::has_control(cell) {
        return Err(Some(Fault::Control));
    }
    let text = std::str::from_utf8(cell).map_err(|_| None)?;
    if text.len() > length && text.chars().count() > length {
        return Err(Some(Fault::Length));
    }
    no_iin(cell).map_err(Some)?;
    if check_text::is_spreadsheet_error(text) {
        return Err(Some(Fault::Value(Problem::Type)));
    }
    Ok(text)
}

pub(super) fn decimals(field: &Field) -> i8 {
    if let FieldType::Decimal(_, scale) = field.field_type { scale } else { 0 }
}

fn length(field: &Field) -> usize {
    if let FieldType::Text(length) = field.field_type { length } else { 0 }
}

/// The range of a field in words that need no translation.
fn range(field: &Field) -> String {
    match (field.min, field.max) {
        (Some(min), Some(max)) => format!("{min}..{max}"),
        (Some(min), None) => format!("≥ {min}"),
        (None, Some(max)) => format!("≤ {max}"),
        (None, None) => match field.field_type {
            FieldType::Integer => format!("{}..{}", i32::MIN, i32::MAX),
            FieldType::Long => format!("{}..{}", i64::MIN, i64::MAX),
            FieldType::Decimal(precision, scale) => {
                format!("< 10^{}", i16::from(precision) - i16::from(scale))
            }
            _ => "1900..2100".to_owned(),
        },
    }
}
