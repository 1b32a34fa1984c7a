//! What is wrong with real submissions, as events the caller applies.
//!
//! The records of a synthetic country are right. Which submissions are missing, late,
//! doubled, padded, malformed or corrected too late is drawn from the same seed and
//! told apart from them, so that a test knows what it should find.

use super::Country;
use super::dice::{below, high};
use crate::ids::Bin;
use crate::records::{ExitReason, Form, Record, replace_field};
use crate::year::Year;

/// A defect of one submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefectEvent {
    /// Year of the submission.
    pub year: Year,
    /// Its form.
    pub form: Form,
    /// Organisation that submits, as numbered by [`Country::organisations`].
    pub org: u32,
    /// Its BIN.
    pub org_bin: Bin,
    /// What is wrong.
    pub defect: Defect,
}

/// What may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Nothing was submitted.
    Missing,
    /// Submitted too late.
    Late {
        /// Working days after the last allowed one.
        working_days: u32,
    },
    /// The same bytes submitted twice.
    DoubleSameBytes,
    /// Submitted again with one row corrected.
    DoubleWithCorrection {
        /// The row, from 0, modulo the number of rows.
        row: u32,
    },
    /// Pupils of another organisation submitted as one's own.
    PaddedPupils {
        /// Organisation whose pupils are copied.
        from: u32,
        /// How many.
        count: u32,
    },
    /// A row no form accepts.
    RowError {
        /// The row, from 0, modulo the number of rows.
        row: u32,
        /// What is wrong with it.
        fault: RowFault,
    },
    /// A change that happened after the as-of date, submitted when the year was fixed.
    CorrectionAfterFixing {
        /// The row, from 0, modulo the number of rows.
        row: u32,
    },
}

/// What may be wrong with one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFault {
    /// A district that never existed.
    UnknownDistrict,
    /// A mark beyond the scale.
    MarkOutOfRange,
    /// A fraction where a whole number belongs.
    FractionForInteger,
}

impl RowFault {
    /// Column and text that make a row of `form` faulty; `None` when the form has no
    /// such column.
    #[must_use]
    pub fn cell(self, form: Form) -> Option<(usize, &'static str)> {
        let (column, text) = match self {
            Self::UnknownDistrict => ("district", "999999999"),
            Self::MarkOutOfRange => ("mark", "7"),
            Self::FractionForInteger => ("grade", "1.7"),
        };
        let columns = form.columns();
        let index = columns.iter().position(|name| *name == column)?;
        Some((index, text))
    }

    /// The CSV line of a row of `form`, made faulty.
    #[must_use]
    pub fn spoil(self, form: Form, line: &str) -> String {
        match self.cell(form) {
            Some((column, text)) => replace_field(line, column, text),
            None => line.to_owned(),
        }
    }
}

impl DefectEvent {
    /// Applies what typed records can hold; other defects leave the rows alone.
    ///
    /// Padding appends rows; a correction changes one row of S1.PUPIL (special needs
    /// before the as-of date, leaving after it).
    pub fn apply(&self, country: &Country, rows: &mut Vec<Record>) {
        match self.defect {
            Defect::PaddedPupils { from, count } => self.pad(country, from, count, rows),
            Defect::DoubleWithCorrection { row } => {
                if let Some(Record::Pupil(pupil)) = row_of(rows, row) {
                    pupil.has_sen = !pupil.has_sen;
                }
            }
            Defect::CorrectionAfterFixing { row } => {
                if let Some(Record::Pupil(pupil)) = row_of(rows, row)
                    && pupil.enrol_to.is_none()
                {
                    pupil.enrol_to = Some(self.year.date(10, 9));
                    pupil.exit_reason = Some(ExitReason::Transfer);
                }
            }
            Defect::Missing | Defect::Late { .. } | Defect::DoubleSameBytes | Defect::RowError { .. } => {}
        }
    }

    fn pad(&self, country: &Country, from: u32, count: u32, rows: &mut Vec<Record>) {
        let Some(Record::Pupil(own)) = rows.first().cloned() else {
            return;
        };
        let others = country.submission(from, self.year, Form::Pupil);
        let active = others.into_iter().filter_map(|record| match record {
            Record::Pupil(pupil) if pupil.is_active() => Some(pupil),
            _ => None,
        });
        rows.extend(active.take(count as usize).map(|mut pupil| {
            pupil.district = own.district;
            pupil.org_bin = own.org_bin;
            Record::Pupil(pupil)
        }));
    }
}

/// A row by its number, modulo the number of rows.
fn row_of(rows: &mut [Record], row: u32) -> Option<&mut Record> {
    let index = (row as usize).checked_rem(rows.len())?;
    rows.get_mut(index)
}

/// Defects of an organisation in a year: at most one.
pub(super) fn draw(country: &Country, org: u32, year: Year) -> Option<DefectEvent> {
    let plan = &country.plan;
    let hash = plan.dice.hash(u64::from(org), 50_000 + u64::from(year.get()));
    let word = high(hash);
    let more = high(hash.rotate_left(32));
    let forms = country.forms_of(org);
    let any_form = forms[below(more, u32::try_from(forms.len()).ok()?) as usize];
    let row = below(more.rotate_left(16), 10_000);
    let partner = plan.org(org).partner;
    let can_pad = partner != org && plan.org(org).intake > 0;
    // In tenths of a permille, so that rare things stay rare.
    let (form, defect) = match below(word, 10_000) {
        0..80 => (any_form, Defect::Missing),
        80..380 => (any_form, Defect::Late { working_days: 1 + below(more.rotate_left(8), 15) }),
        380..480 => (any_form, Defect::DoubleSameBytes),
        480..580 => (Form::Pupil, Defect::DoubleWithCorrection { row }),
        580..640 if can_pad => {
            let count = 3 + below(more.rotate_left(8), 20);
            (Form::Pupil, Defect::PaddedPupils { from: partner, count })
        }
        640..700 => (any_form, Defect::RowError { row: 0, fault: RowFault::UnknownDistrict }),
        700..750 if forms.contains(&Form::Mark) => {
            (Form::Mark, Defect::RowError { row, fault: RowFault::MarkOutOfRange })
        }
        750..800 => (Form::Pupil, Defect::RowError { row, fault: RowFault::FractionForInteger }),
        800..900 => (Form::Pupil, Defect::CorrectionAfterFixing { row }),
        _ => return None,
    };
    Some(DefectEvent { year, form, org, org_bin: plan.org(org).bin, defect })
}
