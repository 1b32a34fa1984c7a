//! Replacing IINs by pseudonyms, where the key is kept, before a file is signed and sent.
//!
//! The output holds the input's columns as they are, except that every pseudonym column
//! holds the first 16 hex digits of HMAC-SHA-256 of the IIN. If any IIN is wrong, or one
//! stands where no pseudonym goes, there is no output at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bilim_domain::dimension::Sex;
use bilim_domain::pseudonym::PseudonymKey;

use super::error::IntakeError;
use super::finding::{At, Findings};
use super::grid::Grid;
use super::header::Layout;
use super::input::Input;
use super::rules::{self, field_name, same};
use super::source::{self, Block};
use super::{FileFormat, Options, Report, cells, ids};
use crate::definitions::{Field, FieldType, Form, Severity};

/// Columns of the file that matter here.
struct Plan<'a> {
    form: &'a Form,
    layout: Layout,
    /// Column and field of every pseudonym.
    pseudonyms: Vec<(usize, &'a Field)>,
    birth: Option<(usize, &'a Field)>,
    sex: Option<(usize, &'a Field)>,
    key: &'a PseudonymKey,
}

/// Replace the IINs of a CSV or XLSX file by pseudonyms; the output is CSV in UTF-8.
///
/// Checked are each IIN's digits and, where the form has the fields `birth` and `sex`, that they
/// agree with it. Cells that are empty stay empty. With any error among the findings no output
/// is left behind.
///
/// # Errors
/// [`IntakeError`] when a file cannot be read or written, or the form has no pseudonym field.
pub fn pseudonymise(
    form: &Arc<Form>,
    path: &Path,
    key: &PseudonymKey,
    output: &Path,
    options: &Options<'_>,
) -> Result<Report, IntakeError> {
    let is_pseudonym = |field: &&Field| field.field_type == FieldType::Pseudonym;
    if !form.fields.iter().any(|field| is_pseudonym(&field)) {
        return Err(IntakeError::Form { form: form.code.clone(), missing: "pseudonym field" });
    }
    let mut input = Input::open(path)?;
    let mut findings = Findings::new(input.name(), options.config.max_findings);
    let file = input.name().to_owned();
    let (mut format, mut rows) = (None, 0);
    if input.check_size(options.config.max_file_bytes, "max_file_bytes", &mut findings) {
        // The year is the reader's business, not this one's.
        let reading = Options { year: options.year.or(Some(0)), ..*options };
        let opened = source::open(form, &mut input, &reading, &mut findings)?;
        format = opened.format;
        match opened.rows {
            Some(_) if !matches!(format, Some(FileFormat::Csv | FileFormat::Xlsx | FileFormat::Xls)) => {
                findings.add(rules::FORMAT, At::FILE, || vec![same("bilim pseudonymise: CSV, XLSX, XLS")]);
            }
            Some((layout, mut source)) => {
                let plan = Plan::new(form, layout, key);
                let mut part = findings.part();
                let mut failure = None;
                let mut target = Target::create(output)?;
                target.write(&plan.header(form))?;
                source.run(&mut input, &mut part, &mut |block: Block| {
                    let grid = block.unpack(&plan.layout, &mut findings).grid;
                    rows += grid.len() as u64;
                    let written = plan.rows(&grid, &mut findings).map_or(Ok(()), |text| target.write(&text));
                    failure = written.err();
                    failure.is_none()
                })?;
                findings.append(part);
                if let Some(failure) = failure {
                    return Err(failure);
                }
                if rows == 0 {
                    findings.add(rules::EMPTY, At::FILE, Vec::new);
                }
                if findings.total(Severity::Error) == 0 {
                    target.keep()?;
                }
            }
            None => {}
        }
    }
    let (bytes, content_sha256) = input.finish()?;
    let (findings, counts) = findings.finish();
    Ok(Report { file, format, bytes, content_sha256, rows, years: BTreeSet::new(), findings, counts })
}

impl<'a> Plan<'a> {
    fn new(form: &'a Form, layout: Layout, key: &'a PseudonymKey) -> Self {
        let columns: BTreeMap<&str, (usize, &Field)> = form
            .fields
            .iter()
            .zip(&layout.fields)
            .filter_map(|(field, column)| column.map(|column| (field.name.as_str(), (column, field))))
            .collect();
        let typed = |name: &str, wanted: &FieldType| {
            columns.get(name).copied().filter(|(_, field)| field.field_type == *wanted)
        };
        Self {
            form,
            pseudonyms: columns
                .values()
                .copied()
                .filter(|(_, field)| field.field_type == FieldType::Pseudonym)
                .collect(),
            birth: typed("birth", &FieldType::YearMonth),
            sex: typed("sex", &FieldType::Code),
            key,
            layout,
        }
    }

    /// The header with the form's own names for its columns.
    fn header(&self, form: &Form) -> Vec<u8> {
        let mut names = vec![String::new(); self.layout.width];
        for (column, name) in &self.layout.others {
            names[*column].clone_from(name);
        }
        for (field, column) in form.fields.iter().zip(&self.layout.fields) {
            if let Some(column) = column {
                names[*column].clone_from(&field.name);
            }
        }
        if let Some(column) = self.layout.year {
            "year".clone_into(&mut names[column]);
        }
        let mut text = Vec::new();
        for (column, name) in names.iter().enumerate() {
            put(&mut text, column, name.as_bytes());
        }
        text.extend_from_slice(b"\r\n");
        text
    }

    /// The rows as CSV; `None` when one of them has an error.
    fn rows(&self, grid: &Grid, findings: &mut Findings) -> Option<Vec<u8>> {
        let before = findings.total(Severity::Error);
        let mut text = Vec::new();
        for (row, number) in grid.rows().iter().enumerate() {
            for column in 0..self.layout.width {
                let cell = cells::trim(grid.cell(row, column));
                if let Some((_, field)) = self.pseudonyms.iter().find(|(place, _)| *place == column) {
                    if !cell.is_empty() {
                        let pseudonym = self.pseudonym(grid, row, *number, field, cell, findings);
                        put(&mut text, column, pseudonym.as_bytes());
                        continue;
                    }
                } else if ids::holds_iin(cell) {
                    let name = self.name(column);
                    findings.add(rules::IIN, At::cell(*number, &name, cell), || vec![same(&name)]);
                } else if std::str::from_utf8(cell).is_err() {
                    // The row has its finding from the reader.
                }
                put(&mut text, column, cell);
            }
            text.extend_from_slice(b"\r\n");
        }
        (findings.total(Severity::Error) == before).then_some(text)
    }

    fn name(&self, column: usize) -> String {
        let field = self.layout.fields.iter().position(|place| *place == Some(column));
        match field {
            Some(index) => self.form.fields[index].name.clone(),
            None => format!("#{}", column + 1),
        }
    }

    fn pseudonym(
        &self,
        grid: &Grid,
        row: usize,
        number: u64,
        field: &Field,
        cell: &[u8],
        findings: &mut Findings,
    ) -> String {
        let Some(iin) = ids::iin(cell) else {
            findings.add(rules::IIN_INVALID, At::cell(number, &field.name, cell), || vec![field_name(field)]);
            return String::new();
        };
        let mut contradict = |other: &Field, value: &[u8]| {
            findings.add(rules::IIN_OTHER, At::cell(number, &other.name, value), || {
                vec![field_name(field), field_name(other)]
            });
        };
        if let Some((column, birth)) = self.birth {
            let value = cells::trim(grid.cell(row, column));
            let of_iin = i32::from(iin.birth().year()) * 100 + i32::from(iin.birth().month());
            if cells::year_month(value).is_ok_and(|month| month != of_iin) {
                contradict(birth, value);
            }
        }
        if let Some((column, sex)) = self.sex {
            let value = cells::trim(grid.cell(row, column));
            let of_iin = if iin.sex() == Sex::Male { "male" } else { "female" };
            if matches!(value, b"male" | b"female") && value != of_iin.as_bytes() {
                contradict(sex, value);
            }
        }
        self.key.pseudonym(&iin).to_string()
    }
}

/// Append a cell of a CSV row.
fn put(text: &mut Vec<u8>, column: usize, cell: &[u8]) {
    if column > 0 {
        text.push(b',');
    }
    if cell.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r' | b';' | b'\t')) {
        text.push(b'"');
        for byte in cell {
            if *byte == b'"' {
                text.push(b'"');
            }
            text.push(*byte);
        }
        text.push(b'"');
    } else {
        text.extend_from_slice(cell);
    }
}

/// An output that exists only once it is complete.
struct Target {
    path: PathBuf,
    file: BufWriter<tempfile::NamedTempFile<File>>,
}

impl Target {
    fn create(path: &Path) -> Result<Self, IntakeError> {
        let fail = |source| IntakeError::Write { path: path.to_owned(), source };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file) })
    }

    fn write(&mut self, text: &[u8]) -> Result<(), IntakeError> {
        self.file.write_all(text).map_err(|source| IntakeError::Write { path: self.path.clone(), source })
    }

    fn keep(self) -> Result<(), IntakeError> {
        let Self { path, file } = self;
        let fail = |source| IntakeError::Write { path: path.clone(), source };
        let file = file.into_inner().map_err(|error| fail(error.into_error()))?;
        file.as_file().sync_all().map_err(fail)?;
        file.persist(&path).map_err(|error| fail(error.error))?;
        Ok(())
    }
}
