//! Random corrections of a country after its fixing: what lands late, changes a headline cell, or changes nothing in
//! any.

use std::collections::BTreeMap;

use bilim_domain::ids::Kato;
use bilim_domain::level::Level;
use bilim_domain::records::{
    Category, Education, ExitReason, Form, GradeStatus, Honours, LeftReason, OrgGroup, OrgType, Record,
};

use super::super::country::{Bits, DISTRICTS, day, kato, mixed};

/// What a later submission replaces: rows of a form and year, of an organisation or whatever the form's scope is.
type Scope = (Form, i32, String);

/// Rows of a scope as fixed and as they are now.
#[derive(Debug)]
struct Rows {
    fixed: Vec<Record>,
    now: Vec<Record>,
}

/// A country before and after.
#[derive(Debug)]
pub struct Correction {
    scopes: BTreeMap<Scope, Rows>,
}

impl Correction {
    /// Corrections of the records that headline indicators read; zero corrects nothing.
    pub fn new(records: &[Record], number: u64) -> Self {
        let mut scopes: BTreeMap<Scope, Vec<Record>> = BTreeMap::new();
        for record in records {
            if let Some(scope) = scope(record) {
                scopes.entry(scope).or_default().push(record.clone());
            }
        }
        let corrected = scopes.into_iter().zip(0..).map(|((scope, rows), index)| {
            // An organisation moves with all that it reports of the year.
            let place: u64 = scope.2.bytes().take(12).map(|digit| u64::from(digit) * 37).sum();
            let is_moved = scope.0 != Form::Unt && Bits(mixed(number, 1000 + place)).rarely(5);
            let rows = corrected(&scope, rows, mixed(number, index), is_moved);
            (scope, rows)
        });
        Self { scopes: corrected.collect() }
    }

    /// What the archive holds.
    pub fn fixed(&self) -> Vec<Record> {
        self.scopes.values().flat_map(|rows| rows.fixed.clone()).collect()
    }

    /// What holds after the corrections.
    pub fn now(&self) -> Vec<Record> {
        self.scopes.values().flat_map(|rows| rows.now.clone()).collect()
    }

    /// What is submitted after the fixing.
    pub fn landed(&self) -> Vec<Record> {
        let changed = self.scopes.values().filter(|rows| rows.fixed != rows.now);
        changed.flat_map(|rows| rows.now.clone()).collect()
    }
}

fn scope(record: &Record) -> Option<Scope> {
    let scope = match record {
        Record::Organisation(row) => row.org_bin.to_string(),
        Record::Pupil(row) => row.org_bin.to_string(),
        Record::Staff(row) => row.org_bin.to_string(),
        Record::Mark(row) => row.org_bin.to_string(),
        Record::Exam(row) => format!("{} {}", row.org_bin, row.exam_grade),
        // Replaced row by row: all rows of a person keep their keys.
        Record::Unt(row) => row.pid.to_string(),
        _ => return None,
    };
    Some((record.form(), i32::from(record.year()), scope))
}

fn corrected(scope: &Scope, rows: Vec<Record>, number: u64, is_moved: bool) -> Rows {
    let mut bits = Bits(number);
    let (mut fixed, mut now) = (rows.clone(), rows);
    match (scope.0, bits.below(7)) {
        (_, 2) => fixed.clear(),
        // A sitting has one total in all of its rows.
        (Form::Unt, 3 | 6) => alter(&mut now, 0),
        (Form::Unt, _) => {}
        // A person has one sex in all marks: two of them count twice, as two lines of a register would.
        (Form::Mark, 3) => now.iter_mut().for_each(touch),
        (_, 3) => touch(&mut now[0]),
        (_, 4) if now.len() > 1 => drop(now.pop()),
        (_, 5) => alter(&mut now[..1], bits.below(3)),
        (_, 6) => alter(&mut now, bits.below(3)),
        _ => {}
    }
    if is_moved {
        now.iter_mut().for_each(move_within_region);
    }
    Rows { fixed, now }
}

/// Change what no headline indicator reads.
fn touch(record: &mut Record) {
    match record {
        Record::Organisation(row) => row.is_small_class = !row.is_small_class,
        Record::Pupil(row) => row.has_sen = !row.has_sen,
        Record::Staff(row) => row.experience_years = row.experience_years.xor(Some(3)),
        Record::Mark(row) => {
            row.sex = if row.sex.code() == "male" { "female" } else { "male" }.parse().unwrap();
        }
        Record::Exam(row) => row.honours = row.honours.xor(Some(Honours::Honours)),
        _ => {}
    }
}

/// Change what some headline indicator reads, one way of three.
fn alter(rows: &mut [Record], way: u64) {
    for record in rows {
        match record {
            Record::Organisation(row) if way == 0 => {
                row.closed = row.closed.xor(Some(day(2024, 10, 1)));
                row.closed = row.closed.filter(|closed| row.opened.is_none_or(|opened| opened <= *closed));
                row.merged_into = row.merged_into.filter(|_| row.closed.is_some());
            }
            Record::Organisation(row) => {
                let is_school = row.org_type.group() == OrgGroup::School;
                row.org_type = if is_school { OrgType::Kindergarten } else { OrgType::General };
            }
            Record::Pupil(row) => match way {
                0 => row.shift = if row.shift == Some(2) { Some(1) } else { Some(2) },
                1 => {
                    row.enrol_to = Some(row.enrol_from.max(day(i32::from(row.year), 10, 1)));
                    row.exit_reason = Some(ExitReason::Other);
                }
                _ if row.level != Level::Tve && row.level != Level::PostSecondary => {
                    (row.level, row.grade) = (Level::PreSchool, 0);
                }
                _ => {}
            },
            Record::Staff(row) => match way {
                0 => row.education = Education::Higher,
                1 => row.category = Category::Master,
                _ => row.left_reason = Some(LeftReason::Retired),
            },
            Record::Mark(row) => {
                row.mark = [Some(5), Some(2), None][usize::try_from(way).unwrap()];
                row.status =
                    if row.mark.is_some() { GradeStatus::Attested } else { GradeStatus::NotAttested };
            }
            Record::Exam(row) => {
                row.mark = [Some(5), Some(2), None][usize::try_from(way).unwrap()];
                row.mark = row.mark.filter(|_| row.is_admitted);
            }
            Record::Unt(row) => row.total -= 1,
            _ => {}
        }
    }
}

/// To the other of the two districts of a region; the third has no neighbour.
fn move_within_region(record: &mut Record) {
    let district = match record {
        Record::Organisation(row) => &mut row.district,
        Record::Pupil(row) => &mut row.district,
        Record::Staff(row) => &mut row.district,
        Record::Mark(row) => &mut row.district,
        Record::Exam(row) => &mut row.district,
        _ => return,
    };
    *district = neighbour(*district);
}

fn neighbour(district: Kato) -> Kato {
    let [first, second, _] = DISTRICTS.map(kato);
    if district == first {
        second
    } else if district == second {
        first
    } else {
        district
    }
}
