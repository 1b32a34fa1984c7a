//! Cohorts: reconstructed from the rates of one year (EFF-04, EFF-08, EFF-09), and true ones, whose pupils are
//! followed by their pseudonyms (EFF-05, EFF-07, TVE-07).

use super::Fraction;
use super::select::{Except, Selection};
use crate::level::Level;
use crate::pseudonym::Pseudonym;
use crate::records::{Delay, Destination, ExitReason, PrevGradeResult, Pupil};
use crate::year::Year;

/// Rates of one grade in one year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Share promoted; of the last grade: share who graduate.
    pub promotion: f64,
    /// Share who repeat.
    pub repetition: f64,
}

/// What becomes of one pupil who enters the first grade.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// Share who ever enter each grade; the first is 1.
    pub survivors: Vec<f64>,
    /// Years spent in all grades.
    pub pupil_years: f64,
    /// Share who graduate.
    pub graduates: f64,
}

/// The reconstructed cohort of UIS: year by year through the grades, everyone repeating at most `repeats` times
/// in all; who should repeat once more leaves.
#[must_use]
pub fn reconstructed(grades: &[Rates], repeats: usize) -> Cohort {
    let mut cohort = Cohort { survivors: vec![0.0; grades.len()], pupil_years: 0.0, graduates: 0.0 };
    // present[g]: pupils of grade g this year. Who is there in year y has repeated y - g times.
    let mut present = vec![0.0; grades.len()];
    if let Some(first) = present.first_mut() {
        *first = 1.0;
        cohort.survivors[0] = 1.0;
    }
    for year in 0..grades.len() + repeats {
        let mut next = vec![0.0; grades.len()];
        for (grade, rates) in grades.iter().enumerate() {
            let here = present[grade];
            cohort.pupil_years += here;
            let promoted = here * rates.promotion;
            if grade + 1 < grades.len() {
                next[grade + 1] += promoted;
                cohort.survivors[grade + 1] += promoted;
            } else {
                cohort.graduates += promoted;
            }
            if year < grade + repeats {
                next[grade] += here * rates.repetition;
            }
        }
        present = next;
    }
    cohort
}

/// First grade, number of grades.
fn grades(level: Level) -> Option<(u8, i32)> {
    match level {
        Level::Primary => Some((1, 4)),
        Level::BasicSecondary => Some((5, 5)),
        Level::GeneralSecondary => Some((10, 2)),
        _ => None,
    }
}

/// Persons who entered, of them lost and completed.
struct Followed {
    entrants: i64,
    lost: i64,
    completed: i64,
}

fn followed(selection: &Selection<'_>) -> Option<Followed> {
    let year = selection.year();
    if selection.delivered(year).is_empty() {
        return None;
    }
    let late = match selection.cell.by.delay.unwrap_or(Delay::OnTime) {
        Delay::OnTime => 0,
        Delay::OneYear => 1,
        Delay::TwoYears => 2,
    };
    let mut followed = Followed { entrants: 0, lost: 0, completed: 0 };
    let mut entry = year;
    while let Some(earlier) = entry.previous().filter(|earlier| i32::from(*earlier) >= i32::from(year) - 12) {
        entry = earlier;
        let passed = i32::from(year) - i32::from(entry) - late;
        let learners = selection.learners_of(entry, Except::default()).unwrap_or_default();
        for row in learners.into_iter().filter(|row| duration(row) == Some(passed)) {
            let is_completed = rows_after(selection, row, year).any(|later| completes(later, row.level));
            let is_lost = selection.records.pupils.iter().any(|other| {
                other.pid == row.pid && (entry..=year).contains(&other.year) && is_gone(other.exit_reason)
            });
            followed.entrants += 1;
            followed.completed += i64::from(is_completed);
            followed.lost += i64::from(is_lost && !is_completed);
        }
    }
    Some(followed)
}

fn is_gone(reason: Option<ExitReason>) -> bool {
    matches!(reason, Some(ExitReason::Emigrated | ExitReason::Died))
}

/// Years to the end of the level for an entrant of it.
fn duration(row: &Pupil) -> Option<i32> {
    if let Some((first, years)) = grades(row.level) {
        let enters = row.grade == first && row.prev_grade_result != Some(PrevGradeResult::Repeated);
        return enters.then_some(years);
    }
    let is_vocational = matches!(row.level, Level::Tve | Level::PostSecondary);
    let enters =
        is_vocational && row.grade == 1 && row.prev_grade_result == Some(PrevGradeResult::NewEntrant);
    row.nominal_years.map(i32::from).filter(|_| enters)
}

fn rows_after<'a>(selection: &Selection<'a>, row: &'a Pupil, last: Year) -> impl Iterator<Item = &'a Pupil> {
    let (pid, from): (Pseudonym, Year) = (row.pid, row.year);
    let rows = selection.records.pupils.iter();
    rows.filter(move |later| later.pid == pid && from < later.year && later.year <= last)
}

/// Whether a row says that its learner has completed the level.
fn completes(row: &Pupil, level: Level) -> bool {
    let has_left = row.exit_reason == Some(ExitReason::Completed) && row.level == level;
    let Some((first, years)) = grades(level) else {
        return has_left;
    };
    let last = i32::from(first) + years - 1;
    let grade = i32::from(row.grade);
    let is_above = grades(row.level).is_some() && grade > last;
    let is_vocational = matches!(row.level, Level::Tve | Level::PostSecondary)
        && matches!(level, Level::Primary | Level::BasicSecondary);
    (has_left && grade >= last) || (row.is_active() && (is_above || is_vocational))
}

/// EFF-05: completed over entrants who are neither abroad nor dead.
pub(super) fn completion(selection: &Selection<'_>) -> Option<Fraction> {
    let followed = followed(selection)?;
    Some(Fraction::of(followed.completed, followed.entrants - followed.lost))
}

/// TVE-07: graduated in time over new entrants.
pub(super) fn graduation(selection: &Selection<'_>) -> Option<Fraction> {
    let followed = followed(selection)?;
    Some(Fraction::of(followed.completed, followed.entrants))
}

/// EFF-07: leavers of grade 9 with the destination asked for over all.
pub(super) fn destination(selection: &Selection<'_>) -> Option<Fraction> {
    let asked = selection.cell.by.destination?;
    let year = selection.year();
    let delivered = selection.delivered(year);
    if delivered.is_empty() {
        return None;
    }
    let learners = selection.learners_before(Except::default())?;
    let present = selection.learners_anywhere(year);
    let (mut there, mut all) = (0, 0);
    for row in learners {
        let is_heard = delivered.contains(&row.org_bin)
            || selection.is_working(year, row.org_bin).is_some_and(|works| !works);
        if row.level != Level::BasicSecondary || row.grade != 9 || !is_heard {
            continue;
        }
        if let Some(found) = whereabouts(selection, row.pid, &present) {
            all += 1;
            there += i64::from(found == asked);
        }
    }
    Some(Fraction::of(there, all))
}

/// Where a leaver is; `None` for one who is still in grades 1 to 9.
fn whereabouts(selection: &Selection<'_>, pid: Pseudonym, present: &[&Pupil]) -> Option<Destination> {
    let seen: Vec<Level> = present.iter().filter(|row| row.pid == pid).map(|row| row.level).collect();
    if seen.contains(&Level::GeneralSecondary) {
        return Some(Destination::Grade10);
    }
    if seen.iter().any(|level| matches!(level, Level::Tve | Level::PostSecondary)) {
        return Some(Destination::Tve);
    }
    if seen.iter().any(|level| matches!(level, Level::Primary | Level::BasicSecondary)) {
        return None;
    }
    let rows = selection.records.pupils.iter();
    let exits: Vec<&Pupil> = rows
        .filter(|row| row.year == selection.year() && row.pid == pid && row.exit_reason.is_some())
        .collect();
    let stated = exits.iter().filter_map(|row| row.destination).max_by_key(|destination| destination.code());
    let is_gone = exits.iter().any(|row| is_gone(row.exit_reason));
    Some(stated.unwrap_or(if is_gone { Destination::Other } else { Destination::Unknown }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEAR: f64 = 1e-9;

    fn rates(of: &[(f64, f64)]) -> Vec<Rates> {
        of.iter()
            .map(|(promotion, repetition)| Rates { promotion: *promotion, repetition: *repetition })
            .collect()
    }

    /// By hand, at most two repetitions. Grades: p = 2/3, r = 1/3; p = 1, r = 0; p = 1/2, r = 1/2; p = 1, r = 0.
    /// Entrants of a grade, by how often they have repeated: grade 1: 1; pupils of it 1, 1/3, 1/9 = 13/9; into grades 2
    /// and 3: 2/3 of them = 2/3, 2/9, 2/27 = 26/27. Pupils of grade 3: never 2/3; once 2/9 + 1/2 x 2/3 = 5/9; twice
    /// 2/27 + 1/2 x 5/9 = 19/54; together 85/54. Half of them into grade 4: 85/108, and all of those graduate. Years:
    /// 13/9 + 26/27 + 85/54 + 85/108 = 515/108.
    #[test]
    fn a_cohort_worked_by_hand() {
        let grades = rates(&[(2.0 / 3.0, 1.0 / 3.0), (1.0, 0.0), (0.5, 0.5), (1.0, 0.0)]);
        let cohort = reconstructed(&grades, 2);
        let expected = [1.0, 26.0 / 27.0, 26.0 / 27.0, 85.0 / 108.0];
        for (survivors, expected) in cohort.survivors.iter().zip(expected) {
            assert!((survivors - expected).abs() < NEAR, "{survivors}, {expected}");
        }
        assert!((cohort.graduates - 85.0 / 108.0).abs() < NEAR);
        assert!((cohort.pupil_years - 515.0 / 108.0).abs() < NEAR);
    }

    proptest! {
        /// Whoever may repeat without end survives with the product of p / (1 - r).
        #[test]
        fn without_a_limit_survival_is_a_product(
            shares in prop::collection::vec((0.0..1.0_f64, 0.0..0.5_f64), 1..9)
        ) {
            let grades: Vec<Rates> = shares
                .iter()
                .map(|(p, r)| Rates { promotion: p * (1.0 - r), repetition: *r })
                .collect();
            let cohort = reconstructed(&grades, 200);
            let product: f64 = grades.iter().map(|rates| rates.promotion / (1.0 - rates.repetition)).product();
            prop_assert!((cohort.graduates - product).abs() < NEAR);
        }

        #[test]
        fn fewer_repetitions_never_help(
            shares in prop::collection::vec((0.0..1.0_f64, 0.0..0.5_f64), 1..9), repeats in 0_usize..4
        ) {
            let grades: Vec<Rates> = shares
                .iter()
                .map(|(p, r)| Rates { promotion: p * (1.0 - r), repetition: *r })
                .collect();
            let (fewer, more) = (reconstructed(&grades, repeats), reconstructed(&grades, repeats + 1));
            prop_assert!(fewer.graduates <= more.graduates + NEAR);
            prop_assert!(fewer.pupil_years <= more.pupil_years + NEAR);
        }
    }
}
