//! TVE, INF-07, EQT-07: what a learner's row says of the learner.

use super::Fraction;
use super::cell::matches;
use super::select::{Except, Selection, count, count_if};
use crate::level::Level;
use crate::records::{Dormitory, Form, Funding, PrevGradeResult, Pupil};

fn share(
    selection: &Selection<'_>,
    of: impl Fn(&Pupil) -> bool,
    condition: impl Fn(&Pupil) -> bool,
) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let mut learners = selection.learners(year, &reporters);
    learners.retain(|row| of(row));
    Some(Fraction::of(count_if(&learners, condition), count(&learners)))
}

/// TVE-01: students of TVE of upper secondary age over them and pupils of general secondary education.
pub(super) fn share_of_upper_secondary(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let any_level = Except { level: true, ..Except::default() };
    let learners = selection.learners_except(year, &reporters, any_level);
    let ages = selection.parameters.upper_secondary_ages;
    let students = count_if(&learners, |row| row.level == Level::Tve && ages.contains(row.age()));
    let pupils = count_if(&learners, |row| row.level == Level::GeneralSecondary);
    Some(Fraction::of(students, students + pupils))
}

/// TVE-02: students on dual training.
pub(super) fn dual_training(selection: &Selection<'_>) -> Option<Fraction> {
    share(selection, |_| true, |row| row.is_dual == Some(true))
}

/// TVE-05: students on the state order.
pub(super) fn state_order(selection: &Selection<'_>) -> Option<Fraction> {
    share(selection, |_| true, |row| row.funding == Funding::StateOrder)
}

/// TVE-06: new entrants on technical specialities over new entrants.
pub(super) fn technical_fields(selection: &Selection<'_>) -> Option<Fraction> {
    let (first, last) = selection.parameters.technical_fields;
    let is_entrant = |row: &Pupil| {
        row.prev_grade_result == Some(PrevGradeResult::NewEntrant)
            && matches(selection.cell.by.funding.as_ref(), &row.funding)
    };
    let field = |row: &Pupil| -> Option<u32> { row.speciality.as_ref()?.get(..2)?.parse().ok() };
    share(selection, is_entrant, |row| field(row).is_some_and(|field| (first..=last).contains(&field)))
}

/// INF-07: students housed over students in need of a dormitory.
pub(super) fn dormitory(selection: &Selection<'_>) -> Option<Fraction> {
    let needs = |row: &Pupil| matches!(row.dormitory, Some(Dormitory::Needed | Dormitory::Given));
    share(selection, needs, |row| row.dormitory == Some(Dormitory::Given))
}

/// EQT-07: learners taught in the language of their home over those whose home language is stated.
pub(super) fn first_language(selection: &Selection<'_>) -> Option<Fraction> {
    share(selection, |row| row.home_language.is_some(), |row| row.home_language == Some(row.language))
}
