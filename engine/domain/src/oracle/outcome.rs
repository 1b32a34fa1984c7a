//! GRD and SFC: final marks and state final certification.

use std::collections::{BTreeMap, BTreeSet};

use super::Fraction;
use super::cell::matches;
use super::select::Selection;
use crate::ids::Bin;
use crate::level::Level;
use crate::pseudonym::Pseudonym;
use crate::records::{ExamMark, Form, GradeStatus, Honours, Mark, Period};

/// Lowest mark with which a subject is passed.
const PASS: u8 = 3;
/// Lowest mark of quality of knowledge.
const QUALITY: u8 = 4;

/// A pupil within an organisation.
type Person = (Bin, Pseudonym);

/// Lowest attested final mark of each pupil of the cell.
fn lowest_marks(selection: &Selection<'_>) -> Option<BTreeMap<Person, u8>> {
    let reporters = selection.reporters(selection.year(), &[Form::Mark])?;
    let by = &selection.cell.by;
    let in_cell = |row: &Mark| {
        row.year == selection.year()
            && reporters.contains(&row.org_bin)
            && selection.covers(row.district, row.org_bin)
            && selection.cell.level.includes(row.level)
            && matches(by.grade.as_ref(), &row.grade)
            && matches(by.sex.as_ref(), &row.sex)
            && matches(by.language.as_ref(), &row.language)
    };
    let mut lowest = BTreeMap::new();
    for row in selection.records.marks.iter().filter(|row| in_cell(row)) {
        let is_final = row.period == Period::Final && row.status == GradeStatus::Attested;
        if let Some(mark) = row.mark.filter(|_| is_final) {
            let least = lowest.entry((row.org_bin, row.pid)).or_insert(mark);
            *least = mark.min(*least);
        }
    }
    Some(lowest)
}

fn share_from(lowest: &BTreeMap<Person, u8>, least: u8) -> Fraction {
    let reached = lowest.values().map(|mark| i64::from(*mark >= least)).sum();
    Fraction::of(reached, lowest.values().map(|_| 1).sum())
}

/// GRD-01: pupils without a final 2 over pupils with final marks.
pub(super) fn progress(selection: &Selection<'_>) -> Option<Fraction> {
    lowest_marks(selection).map(|lowest| share_from(&lowest, PASS))
}

/// GRD-02: pupils with final 4 and 5 only over pupils with final marks.
pub(super) fn quality(selection: &Selection<'_>) -> Option<Fraction> {
    lowest_marks(selection).map(|lowest| share_from(&lowest, QUALITY))
}

/// Best mark of each admitted leaver of the cell in each subject; `None` inside for a
/// subject without any mark.
type BestMarks<'a> = BTreeMap<(Person, u8), BTreeMap<&'a str, Option<u8>>>;

fn best_marks<'a>(selection: &Selection<'a>) -> Option<BestMarks<'a>> {
    let reporters = selection.reporters(selection.year(), &[Form::Exam])?;
    let by = &selection.cell.by;
    let in_cell = |row: &ExamMark| {
        row.year == selection.year()
            && row.is_admitted
            && reporters.contains(&row.org_bin)
            && selection.covers(row.district, row.org_bin)
            && level_of(row).is_some_and(|level| selection.cell.level.includes(level))
            && matches(by.grade.as_ref(), &row.exam_grade)
            && matches(by.sex.as_ref(), &row.sex)
            && matches(by.language.as_ref(), &row.language)
            && matches(by.subject.as_ref(), &row.subject)
    };
    let mut best: BestMarks<'a> = BTreeMap::new();
    for row in selection.records.exams.iter().filter(|row| in_cell(row)) {
        let leaver = ((row.org_bin, row.pid), row.exam_grade);
        let subjects = best.entry(leaver).or_default();
        let mark = subjects.entry(&row.subject).or_insert(None);
        *mark = row.mark.max(*mark);
    }
    Some(best)
}

fn level_of(row: &ExamMark) -> Option<Level> {
    Level::of_grade(row.exam_grade).ok()
}

/// SFC-01: leavers who passed every exam over admitted leavers.
pub(super) fn certification_passed(selection: &Selection<'_>) -> Option<Fraction> {
    let leavers = best_marks(selection)?;
    let has_passed = |subjects: &BTreeMap<&str, Option<u8>>| {
        let marks = subjects.values();
        i64::from(marks.copied().all(|mark| mark.is_some_and(|m| m >= PASS)))
    };
    let passed = leavers.values().map(has_passed).sum();
    Some(Fraction::of(passed, leavers.values().map(|_| 1).sum()))
}

/// SFC-02: exam marks 4 and 5 over exam marks.
pub(super) fn exam_quality(selection: &Selection<'_>) -> Option<Fraction> {
    let leavers = best_marks(selection)?;
    let marks = leavers.values().flat_map(BTreeMap::values).flatten();
    let (good, all) = marks.fold((0, 0), |(good, all), mark| (good + i64::from(*mark >= QUALITY), all + 1));
    Some(Fraction::of(good, all))
}

/// SFC-03: leavers with a distinction over admitted leavers.
pub(super) fn honours(selection: &Selection<'_>) -> Option<Fraction> {
    let leavers = best_marks(selection)?;
    let is_distinguished = |row: &ExamMark| {
        row.year == selection.year()
            && row.is_admitted
            && matches!(row.honours, Some(Honours::Honours | Honours::AltynBelgi))
    };
    let rows = selection.records.exams.iter().filter(|row| is_distinguished(row));
    let distinguished: BTreeSet<(Person, u8)> =
        rows.map(|row| ((row.org_bin, row.pid), row.exam_grade)).collect();
    let number = leavers.keys().map(|leaver| i64::from(distinguished.contains(leaver))).sum();
    Some(Fraction::of(number, leavers.values().map(|_| 1).sum()))
}

/// SFC-04: annual marks less best exam marks over pairs of both.
pub(super) fn mark_gap(selection: &Selection<'_>) -> Option<Fraction> {
    let leavers = best_marks(selection)?;
    let reporters = selection.reporters(selection.year(), &[Form::Exam, Form::Mark])?;
    let annual = selection.records.marks.iter().filter(|row| {
        row.year == selection.year() && row.period == Period::Year && row.status == GradeStatus::Attested
    });
    let annual: BTreeMap<(Person, &str), u8> = annual
        .filter_map(|row| row.mark.map(|mark| (((row.org_bin, row.pid), &*row.subject), mark)))
        .collect();
    let mut gap = Fraction::of(0, 0);
    for ((person, _), subjects) in leavers.iter().filter(|((person, _), _)| reporters.contains(&person.0)) {
        for (subject, mark) in subjects {
            if let (Some(year), Some(exam)) = (annual.get(&(*person, *subject)), mark) {
                gap.numerator += i64::from(*year) - i64::from(*exam);
                gap.denominator = gap.denominator.map(|pairs| pairs + 1);
            }
        }
    }
    Some(gap)
}
