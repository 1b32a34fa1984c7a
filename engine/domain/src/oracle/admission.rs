//! UNT: the unified national testing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Fraction;
use super::cell::matches;
use super::ready::whole;
use super::select::Selection;
use crate::ids::{Bin, Kato, RegionCode};
use crate::level::Level;
use crate::pseudonym::Pseudonym;
use crate::records::{ExamMark, Form, UntRow, UntSession, UntStatus};

/// A person with the best of the valid sittings.
struct Person<'a> {
    /// Rows of the best sitting, one a subject.
    best: Vec<&'a UntRow>,
    /// Valid sittings.
    sittings: i64,
    /// Total of the earliest of them.
    first_total: i32,
    /// Totals of all of them.
    total_sum: i64,
    /// Took part in the competition for grants.
    has_applied: bool,
    /// Was awarded one in it.
    is_awarded: bool,
}

impl Person<'_> {
    fn total(&self) -> i32 {
        self.best[0].total
    }
}

/// Valid rows of the year, by person, then by sitting in the order of time.
type Sittings<'a> = BTreeMap<(RegionCode, Pseudonym), BTreeMap<(UntSession, u8), Vec<&'a UntRow>>>;

/// Persons whose best sitting lies in the cell.
fn people<'a>(selection: &Selection<'a>) -> Option<Vec<Person<'a>>> {
    let reporters = selection.reporters(selection.year(), &[Form::Unt])?;
    let mut sittings: Sittings<'a> = BTreeMap::new();
    let rows = selection.records.unt.iter();
    for row in rows.filter(|row| row.year == selection.year() && row.status == UntStatus::Valid) {
        let person = sittings.entry((row.district.region(), row.pid)).or_default();
        person.entry((row.session, row.attempt)).or_default().push(row);
    }
    let by = &selection.cell.by;
    let in_cell = |row: &UntRow| {
        reporters.contains(&row.org_bin)
            && selection.covers(row.district, row.org_bin)
            && selection.cell.level.includes(Level::GeneralSecondary)
            && matches(by.sex.as_ref(), &row.sex)
            && matches(by.language.as_ref(), &row.language)
    };
    let best_of = |sittings: BTreeMap<(UntSession, u8), Vec<&'a UntRow>>| {
        let number = i64::try_from(sittings.len()).expect("few sittings a year");
        let first_total = sittings.values().next()?[0].total;
        let total_sum = sittings.values().map(|rows| i64::from(rows[0].total)).sum();
        let applied = |rows: &&Vec<&UntRow>| rows.iter().any(|row| row.grant_applied == Some(true));
        let has_applied = sittings.values().any(|rows| applied(&rows));
        let is_awarded = sittings
            .values()
            .filter(applied)
            .any(|rows| rows.iter().any(|row| row.grant_awarded == Some(true)));
        // The map is in the order of time and the first minimum wins: the earliest.
        let best = sittings.into_values().min_by_key(|rows| Reverse(rows[0].total))?;
        Some(Person { best, sittings: number, first_total, total_sum, has_applied, is_awarded })
    };
    let people = sittings.into_values().filter_map(best_of);
    Some(people.filter(|person| in_cell(person.best[0])).collect())
}

fn number(people: &[Person<'_>]) -> i64 {
    people.iter().map(|_| 1).sum()
}

fn share(selection: &Selection<'_>, condition: impl Fn(&Person<'_>) -> bool) -> Option<Fraction> {
    let people = people(selection)?;
    let share = people.iter().map(|person| i64::from(condition(person)));
    Some(Fraction::of(share.sum(), number(&people)))
}

/// UNT-01: persons with a valid sitting.
pub(super) fn persons(selection: &Selection<'_>) -> Option<Fraction> {
    people(selection).map(|people| Fraction::sum(number(&people)))
}

/// UNT-01, second figure: their valid sittings.
pub(super) fn sittings(selection: &Selection<'_>) -> Option<Fraction> {
    let people = people(selection)?;
    let sittings = people.iter().map(|person| person.sittings).sum();
    Some(Fraction::sum(sittings))
}

/// UNT-03: sum of best totals over persons.
pub(super) fn mean_best_total(selection: &Selection<'_>) -> Option<Fraction> {
    let people = people(selection)?;
    let totals = people.iter().map(|person| i64::from(person.total())).sum();
    Some(Fraction::of(totals, number(&people)))
}

/// UNT-04: persons whose best sitting meets every minimum over persons.
pub(super) fn passed(selection: &Selection<'_>) -> Option<Fraction> {
    let thresholds = &selection.parameters.thresholds;
    share(selection, |person| {
        let mut subjects = person.best.iter();
        person.total() >= thresholds.total
            && subjects.all(|row| row.score >= thresholds.subject(&row.subject))
    })
}

/// UNT-05: points over points possible, in the best sittings.
pub(super) fn subject_result(selection: &Selection<'_>) -> Option<Fraction> {
    let people = people(selection)?;
    let subject = selection.cell.by.subject.as_ref();
    let rows = people.iter().flat_map(|person| &person.best);
    let (score, score_max) =
        rows.filter(|row| matches(subject, &row.subject)).fold((0, 0), |(score, score_max), row| {
            (score + i64::from(row.score), score_max + i64::from(row.score_max))
        });
    Some(Fraction::of(score, score_max))
}

/// UNT-06: persons with a high best total over persons.
pub(super) fn high_scorers(selection: &Selection<'_>) -> Option<Fraction> {
    let least = selection.parameters.high_score;
    share(selection, |person| person.total() >= least)
}

/// UNT-02: leavers with a valid main sitting over admitted leavers of the last grade.
pub(super) fn participation(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Exam])?;
    let by = &selection.cell.by;
    let in_cell = |row: &ExamMark| {
        row.year == year
            && row.is_admitted
            && Level::of_grade(row.exam_grade) == Ok(Level::GeneralSecondary)
            && selection.cell.level.includes(Level::GeneralSecondary)
            && reporters.contains(&row.org_bin)
            && selection.covers(row.district, row.org_bin)
            && matches(by.sex.as_ref(), &row.sex)
            && matches(by.language.as_ref(), &row.language)
    };
    let exams = selection.records.exams.iter().filter(|row| in_cell(row));
    let leavers: BTreeSet<(Bin, Pseudonym)> = exams.map(|row| (row.org_bin, row.pid)).collect();
    let sittings =
        selection.records.unt.iter().filter(|row| {
            row.year == year && row.status == UntStatus::Valid && row.session == UntSession::Main
        });
    let tested: BTreeSet<Pseudonym> = sittings.map(|row| row.pid).collect();
    let number = leavers.iter().map(|(_, pid)| i64::from(tested.contains(pid))).sum();
    Some(Fraction::of(number, leavers.iter().map(|_| 1).sum()))
}

/// UNT-03, first sittings: their totals over persons.
pub(super) fn mean_first_total(selection: &Selection<'_>) -> Option<Fraction> {
    let people = people(selection)?;
    let totals = people.iter().map(|person| i64::from(person.first_total)).sum();
    Some(Fraction::of(totals, number(&people)))
}

/// UNT-03, all sittings: totals over valid sittings.
pub(super) fn mean_of_all(selection: &Selection<'_>) -> Option<Fraction> {
    let people = people(selection)?;
    let totals = people.iter().map(|person| person.total_sum).sum();
    Some(Fraction::of(totals, people.iter().map(|person| person.sittings).sum()))
}

/// UNT-07: best less first totals over persons with several sittings.
pub(super) fn attempt_gain(selection: &Selection<'_>) -> Option<Fraction> {
    let mut people = people(selection)?;
    people.retain(|person| person.sittings > 1);
    let gain = people.iter().map(|person| i64::from(person.total() - person.first_total)).sum();
    Some(Fraction::of(gain, number(&people)))
}

/// UNT-08: persons awarded a grant over persons in the competition.
pub(super) fn grants(selection: &Selection<'_>) -> Option<Fraction> {
    let mut people = people(selection)?;
    people.retain(|person| person.has_applied);
    let awarded = people.iter().map(|person| i64::from(person.is_awarded)).sum();
    Some(Fraction::of(awarded, number(&people)))
}

/// UNT-03-SD: deviation of best totals from their mean, of everybody.
pub(super) fn deviation(selection: &Selection<'_>) -> Option<f64> {
    let people = people(selection).filter(|people| !people.is_empty())?;
    let all = whole(number(&people));
    let mean = people.iter().map(|person| f64::from(person.total())).sum::<f64>() / all;
    let squares: f64 = people.iter().map(|person| (f64::from(person.total()) - mean).powi(2)).sum();
    Some((squares / all).sqrt())
}

/// UNT-03-P10 and kin: the least best total that so many tenths of the persons do not exceed.
pub(super) fn percentile(selection: &Selection<'_>, tenths: i64) -> Option<f64> {
    let people = people(selection)?;
    let mut totals: Vec<i32> = people.iter().map(Person::total).collect();
    totals.sort_unstable();
    let reached = |total: &&i32| {
        let up_to: i64 = totals.iter().map(|other| i64::from(other <= *total)).sum();
        10 * up_to >= tenths * number(&people)
    };
    totals.iter().find(reached).map(|total| f64::from(*total))
}

/// Best totals of everybody, by the school that the best sitting names.
pub(super) fn totals_by_school(selection: &Selection<'_>) -> Vec<(Kato, Bin, i32)> {
    let people = people(selection).unwrap_or_default();
    people.iter().map(|person| (person.best[0].district, person.best[0].org_bin, person.total())).collect()
}
