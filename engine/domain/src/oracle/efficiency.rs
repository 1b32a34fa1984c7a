//! EFF: flows between the grades of two years.

use std::collections::BTreeSet;

use super::Fraction;
use super::select::{Except, Selection, count_if};
use crate::ids::Bin;
use crate::level::Level;
use crate::records::{Form, PrevGradeResult, Pupil};

/// Learners of general education in the year before and in the year of the cell.
struct Flow<'a> {
    before: Vec<&'a Pupil>,
    now: Vec<&'a Pupil>,
    reported_before: BTreeSet<Bin>,
}

impl<'a> Flow<'a> {
    /// Of all levels and grades: each formula picks the grades it compares.
    fn new(selection: &Selection<'a>) -> Option<Self> {
        let every_grade = Except { level: true, grade: true, ..Except::default() };
        let mut before = selection.learners_before(every_grade)?;
        before.retain(|row| is_general(row.level));
        let year = selection.year();
        let reporters = selection.reporters(year, &[Form::Pupil])?;
        let mut now = selection.learners_except(year, &reporters, every_grade);
        now.retain(|row| is_general(row.level));
        let earlier = selection.records.pupils.iter().filter(|row| Some(row.year) == year.previous());
        let reported_before = earlier.map(|row| row.org_bin).collect();
        Some(Self { before, now, reported_before })
    }

    fn before(&self, grade: u8) -> i64 {
        count_if(&self.before, |row| row.grade == grade)
    }

    fn now(&self, grade: u8) -> i64 {
        count_if(&self.now, |row| row.grade == grade)
    }

    fn repeaters(&self, grade: u8) -> i64 {
        count_if(&self.now, |row| repeats(row, grade))
    }

    /// Repeaters of organisations that reported the year before: the others' base is not known.
    fn held_back(&self, grade: u8) -> i64 {
        count_if(&self.now, |row| repeats(row, grade) && self.reported_before.contains(&row.org_bin))
    }
}

fn repeats(row: &Pupil, grade: u8) -> bool {
    row.grade == grade && row.prev_grade_result == Some(PrevGradeResult::Repeated)
}

fn is_general(level: Level) -> bool {
    matches!(level, Level::Primary | Level::BasicSecondary | Level::GeneralSecondary)
}

/// Grades of general education in the cell's level, or the one of its breakdown.
fn grades(selection: &Selection<'_>) -> Vec<u8> {
    let members = selection.cell.level.members().iter();
    members
        .filter(|level| is_general(**level))
        .filter_map(|level| level.grades())
        .flatten()
        .filter(|grade| selection.cell.by.grade.is_none_or(|asked| asked == *grade))
        .collect()
}

/// EFF-02: repeaters of a grade over its learners of the year before.
pub(super) fn repetition(selection: &Selection<'_>) -> Option<Fraction> {
    let flow = Flow::new(selection)?;
    let grades = grades(selection);
    let repeaters = grades.iter().map(|grade| flow.repeaters(*grade)).sum();
    let base = grades.iter().map(|grade| flow.before(*grade)).sum();
    Some(Fraction::of(repeaters, base))
}

/// EFF-06: new entrants of the next level over last year's last grade less repeaters.
pub(super) fn transition(selection: &Selection<'_>) -> Option<Fraction> {
    let flow = Flow::new(selection)?;
    let last_grades = [Level::Primary, Level::BasicSecondary]
        .into_iter()
        .filter(|level| selection.cell.level.includes(*level))
        .filter_map(Level::grades)
        .map(|grades| *grades.end());
    let (mut entrants, mut base) = (0, 0);
    for last in last_grades {
        entrants += flow.now(last + 1) - flow.repeaters(last + 1);
        base += flow.before(last) - flow.held_back(last);
    }
    Some(Fraction::of(entrants, base))
}

/// EFF-10: learners of the next grade over last year's learners of the grade.
pub(super) fn progression(selection: &Selection<'_>) -> Option<Fraction> {
    let flow = Flow::new(selection)?;
    let last = selection.parameters.last_grade;
    let (mut next, mut base) = (0, 0);
    for grade in grades(selection).into_iter().filter(|grade| *grade < last) {
        next += flow.now(grade + 1);
        base += flow.before(grade);
    }
    Some(Fraction::of(next, base))
}
