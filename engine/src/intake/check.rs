//! A grid of cells -> a typed batch and findings.
//!
//! Columns are typed one after the other in tight loops; everything that happens only to
//! wrong cells is kept out of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int32Array, RecordBatch, new_null_array};
use datafusion::arrow::datatypes::{
    Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, SchemaRef,
};

use super::Options;
use super::cells::{self, Problem};
use super::column::{Column, Fault, in_range, no_iin, trim};
use super::error::IntakeError;
use super::finding::{At, Findings};
use super::grid::Grid;
use super::header::{Layout, report_unknown};
use super::ids;
use super::keys::Key;
use super::members::Members;
use super::remit::Remit;
use super::row_rules::RowRules;
use super::rules::{self, field_name, same};
use super::territory::{Standing, TerritoryCheck};
use crate::definitions::{FieldType, Form, Subject};

/// Reporting years that make sense at all.
const LAST_YEAR: i32 = 2100;

/// Everything that is compiled once for a form and a file.
#[derive(Debug)]
pub(super) struct Checker<'a> {
    form: Arc<Form>,
    schema: SchemaRef,
    layout: Layout,
    options: &'a Options<'a>,
    members: Vec<Option<Members>>,
    rules: RowRules,
    key: Key,
    territory: Option<usize>,
    remit: Option<usize>,
    has_persons: bool,
}

/// What a grid became.
pub(super) struct Checked {
    pub batch: RecordBatch,
    pub keys: Vec<u128>,
    pub years: BTreeSet<i32>,
}

/// Codes of a block that have been looked up; neighbouring rows mostly share theirs.
#[derive(Default)]
struct Known {
    all: HashMap<(i32, i32), Standing>,
    last: Option<((i32, i32), Standing)>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        form: &Arc<Form>,
        layout: Layout,
        options: &'a Options<'a>,
    ) -> Result<Self, IntakeError> {
        let index = |name: &str| form.fields.iter().position(|field| field.name == name);
        Ok(Self {
            schema: form.row_schema(),
            members: form
                .fields
                .iter()
                .map(|field| (field.field_type == FieldType::Code).then(|| Members::new(&field.members)))
                .collect(),
            rules: RowRules::compile(form)?,
            key: Key::new(form),
            territory: form.territory.as_deref().and_then(index),
            remit: options.remit.field(form).and_then(|field| index(&field.name)),
            has_persons: form.fields.iter().any(|field| field.field_type == FieldType::Pseudonym),
            form: Arc::clone(form),
            layout,
            options,
        })
    }

    /// The columns of the file.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// A finding for a column that turned up in a row.
    pub(super) fn report_unknown(&self, name: &str, row: u64, findings: &mut Findings) {
        let fields = self.form.fields.iter().map(|field| field.name.as_str());
        report_unknown(&self.form.code, name, row, fields, findings);
    }

    /// The key, for the comparison of all rows at the end.
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// Type and check the rows of a grid.
    pub(super) fn check(&self, grid: &Grid, findings: &mut Findings) -> Result<Checked, IntakeError> {
        let years = self.years(grid, findings);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.form.fields.len() + 2);
        columns.push(Arc::new(years.clone()));
        for (index, field) in self.form.fields.iter().enumerate() {
            let array = match self.layout.fields[index] {
                Some(column) => self.column(Column { grid, place: column, field, findings }, index, &years),
                None => new_null_array(&field.field_type.arrow(), grid.len()),
            };
            columns.push(array);
        }
        let region = self.territory.map_or_else(
            || Int32Array::from(vec![0; grid.len()]),
            |index| {
                let codes = columns[index + 1].as_primitive::<Int32Type>();
                codes.iter().map(|code| Some(code.unwrap_or(0) / 10_000_000)).collect()
            },
        );
        columns.insert(1, Arc::new(region));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|source| IntakeError::Batch { form: self.form.code.clone(), source })?;
        self.others(grid, findings);
        self.remit(grid, &batch, findings);
        let value = |row: usize, field: &str| self.submitted(grid, row, field);
        self.rules.check(&batch, grid.rows(), value, findings);
        Ok(Checked {
            keys: self.key.entries(&batch, grid.rows()),
            years: years.values().iter().copied().filter(|year| *year != 0).collect(),
            batch,
        })
    }

    /// The cell of a field as submitted.
    fn submitted<'g>(&self, grid: &'g Grid, row: usize, name: &str) -> &'g [u8] {
        let index = self.form.fields.iter().position(|field| field.name == name);
        index.and_then(|index| self.layout.fields[index]).map_or(b"", |column| grid.cell(row, column))
    }

    fn years(&self, grid: &Grid, findings: &mut Findings) -> Int32Array {
        let announced = self.options.year;
        let Some(column) = self.layout.year else {
            return Int32Array::from(vec![announced.unwrap_or(0); grid.len()]);
        };
        let first = self.form.valid_from_year;
        let expected = || match announced {
            Some(year) => vec![same(year.to_string())],
            None => vec![same(format!("{first}..{LAST_YEAR}"))],
        };
        let mut last: (&[u8], i32) = (b"", 0);
        let mut years = Vec::with_capacity(grid.len());
        for (row, number) in grid.rows().iter().enumerate() {
            let cell = trim(grid.cell(row, column));
            if cell != last.0 || cell.is_empty() {
                let year =
                    cells::integer(cell).ok().and_then(|year| i32::try_from(year).ok()).filter(|year| {
                        (first..=LAST_YEAR).contains(year)
                            && announced.is_none_or(|announced| announced == *year)
                    });
                // An empty cell takes the announced year: there is only one it could be.
                let year = if cell.is_empty() { announced } else { year };
                last = (cell, year.unwrap_or(0));
            }
            let year = last.1;
            if year == 0 {
                let rule = if ids::holds_iin(cell) { rules::IIN } else { rules::YEAR };
                let arguments = || if ids::holds_iin(cell) { vec![same("year")] } else { expected() };
                findings.add(rule, At::cell(*number, "year", cell), arguments);
            }
            // The row is rejected; its other cells are judged by the announced year.
            years.push(if year == 0 { announced.unwrap_or(0) } else { year });
        }
        Int32Array::from(years)
    }

    fn column(&self, mut column: Column<'_>, index: usize, years: &Int32Array) -> ArrayRef {
        let field = column.field;
        match &field.field_type {
            FieldType::Bin => column.primitive::<Int64Type>(|_, cell| ids::bin(cell).ok_or(Fault::Bin)),
            FieldType::Pseudonym => column.primitive::<Int64Type>(|_, cell| Ok(cells::pseudonym(cell)?)),
            FieldType::Integer => column.primitive::<Int32Type>(|_, cell| {
                let value = cells::integer(cell)?;
                #[allow(clippy::cast_precision_loss, reason = "bounds of forms are far below 2^53")]
                in_range(field, value as f64)?;
                i32::try_from(value).map_err(|_| Fault::Value(Problem::Range))
            }),
            FieldType::Long => column.primitive::<Int64Type>(|_, cell| {
                let value = cells::integer(cell)?;
                #[allow(clippy::cast_precision_loss, reason = "bounds of forms are far below 2^53")]
                in_range(field, value as f64)?;
                no_iin(cell)?;
                Ok(value)
            }),
            FieldType::Decimal(precision, scale) => {
                let (precision, scale) = (*precision, *scale);
                let unit = 10_f64.powi(i32::from(scale));
                let array = column.primitive::<Decimal128Type>(|_, cell| {
                    let value = cells::decimal(cell, precision, scale)?;
                    #[allow(clippy::cast_precision_loss, reason = "bounds of forms are far below 2^53")]
                    in_range(field, value as f64 / unit)?;
                    self.no_person(cell)?;
                    Ok(value)
                });
                // The builder made the default precision; the values obey the field's.
                let decimals = array.as_primitive::<Decimal128Type>().clone();
                match decimals.with_precision_and_scale(precision, scale) {
                    Ok(decimals) => Arc::new(decimals),
                    Err(_) => array,
                }
            }
            FieldType::Number => column.primitive::<Float64Type>(|_, cell| {
                let value = cells::number(cell)?;
                in_range(field, value)?;
                self.no_person(cell)?;
                Ok(value)
            }),
            FieldType::Date => column.primitive::<Date32Type>(|_, cell| Ok(cells::date(cell)?)),
            FieldType::YearMonth => column.primitive::<Int32Type>(|_, cell| {
                let value = cells::year_month(cell)?;
                in_range(field, f64::from(value))?;
                Ok(value)
            }),
            FieldType::Kato => {
                let mut known = Known::default();
                let is_territory = self.territory == Some(index);
                column.primitive::<Int32Type>(|row, cell| {
                    let code = cells::kato(cell)?;
                    self.territory(code, years.value(row), is_territory, &mut known)?;
                    Ok(code)
                })
            }
            FieldType::Boolean => column.booleans(),
            FieldType::Code => match &self.members[index] {
                Some(members) => column.codes(members),
                None => new_null_array(&field.field_type.arrow(), column.grid.len()),
            },
            FieldType::Text(length) => column.texts(*length, self.options.config.max_cell_bytes),
        }
    }

    /// Amounts of published tables may have twelve digits by right; rows on persons have none such.
    fn no_person(&self, cell: &[u8]) -> Result<(), Fault> {
        if self.has_persons { no_iin(cell) } else { Ok(()) }
    }

    fn territory(&self, code: i32, year: i32, is_territory: bool, known: &mut Known) -> Result<(), Fault> {
        if code == 0 {
            // Only what a ministry publishes covers the country as a whole.
            return if self.form.subject == Subject::Ministry { Ok(()) } else { Err(Fault::Country) };
        }
        let Some(check) = self.options.territory.filter(|_| year != 0) else { return Ok(()) };
        let day = TerritoryCheck::day_of(year);
        let standing = match known.last {
            Some((last, standing)) if last == (code, year) => standing,
            _ => *known.all.entry((code, year)).or_insert_with(|| {
                if is_territory { check.standing(code, day) } else { check.standing_below(code, day) }
            }),
        };
        known.last = Some(((code, year), standing));
        match standing {
            Standing::Valid => Ok(()),
            other => Err(Fault::Kato(other, day)),
        }
    }

    /// Columns of no field: nothing is kept of them, but no IIN may stand in them either.
    fn others(&self, grid: &Grid, findings: &mut Findings) {
        for (column, name) in &self.layout.others {
            for (row, number) in grid.rows().iter().enumerate() {
                let cell = grid.cell(row, *column);
                if cell.is_empty() {
                    continue;
                }
                if ids::holds_iin(cell) {
                    findings.add(rules::IIN, At::cell(*number, name, cell), || vec![same(name)]);
                } else if name.is_empty() {
                    let name = format!("#{}", column + 1);
                    findings.add(rules::COLUMN_UNKNOWN, At::cell(*number, &name, cell), || {
                        vec![same(&name), same(&self.form.code), same("-")]
                    });
                }
            }
        }
    }

    fn remit(&self, grid: &Grid, batch: &RecordBatch, findings: &mut Findings) {
        let Some(index) = self.remit else { return };
        let field = &self.form.fields[index];
        let column = batch.column(index + 2);
        let mut refuse = |row: usize| {
            let at = At::cell(grid.rows()[row], &field.name, self.submitted(grid, row, &field.name));
            findings.add(rules::REMIT, at, || vec![field_name(field)]);
        };
        // What is empty or wrong has a finding of its own.
        match self.options.remit {
            Remit::Everything => {}
            remit @ Remit::Organisations(_) => {
                for (row, bin) in column.as_primitive::<Int64Type>().iter().enumerate() {
                    if bin.is_some_and(|bin| !remit.holds_organisation(bin)) {
                        refuse(row);
                    }
                }
            }
            remit @ Remit::Territories(_) => {
                for (row, kato) in column.as_primitive::<Int32Type>().iter().enumerate() {
                    if kato.is_some_and(|kato| !remit.holds_territory(kato)) {
                        refuse(row);
                    }
                }
            }
        }
    }
}
