//! ACC: access and coverage.

use super::Fraction;
use super::select::{Except, Selection, count, count_if};
use crate::level::{AgeBand, Level};
use crate::records::{Form, PrevGradeResult, Pupil};

/// Official ages of the cell's level.
fn official_ages(selection: &Selection<'_>) -> Option<AgeBand> {
    let entry_age = selection.parameters.entry_age;
    selection.cell.level.official_ages(entry_age)
}

/// Learners selected without regard to level, over population of some ages.
fn over_population(
    selection: &Selection<'_>,
    ages: AgeBand,
    counts: impl Fn(&Pupil) -> bool,
) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let units = selection.population(ages);
    if units.is_empty() {
        return None;
    }
    let any_level = Except { level: true, ..Except::default() };
    let learners = selection.learners_except(year, &reporters, any_level);
    let numerator = count_if(&learners, |row| counts(row) && selection.has_population(&units, row.district));
    Some(Fraction::of(numerator, units.values().sum()))
}

/// ACC-01: learners of the level over population of official age.
pub(super) fn gross_enrolment(selection: &Selection<'_>) -> Option<Fraction> {
    let ages = official_ages(selection)?;
    over_population(selection, ages, |row| selection.cell.level.includes(row.level))
}

/// ACC-02: learners of official age at the level or above, over population.
pub(super) fn total_net_enrolment(selection: &Selection<'_>) -> Option<Fraction> {
    let ages = official_ages(selection)?;
    let lowest = *selection.cell.level.members().first()?;
    over_population(selection, ages, |row| ages.contains(row.age()) && row.level >= lowest)
}

/// ACC-03: learners of an age over population of that age.
pub(super) fn age_specific_enrolment(selection: &Selection<'_>) -> Option<Fraction> {
    let age = selection.cell.by.age?;
    over_population(selection, AgeBand { from: age, to: age }, |_| true)
}

/// ACC-06: places in pre-school organisations over population aged 1 to 6.
pub(super) fn place_provision(selection: &Selection<'_>) -> Option<Fraction> {
    let reporters = selection.reporters(selection.year(), &[Form::Organisation])?;
    let units = selection.population(selection.parameters.place_ages);
    if units.is_empty() {
        return None;
    }
    let places = selection
        .active_passports(&reporters)
        .into_iter()
        .filter(|passport| passport.org_type.group().main_level().includes(Level::PreSchool))
        .filter(|passport| selection.has_population(&units, passport.district))
        .map(|passport| i64::from(passport.design_capacity))
        .sum();
    Some(Fraction::of(places, units.values().sum()))
}

/// ACC-09: new entrants of grade 1 over population of entry age.
pub(super) fn gross_intake(selection: &Selection<'_>) -> Option<Fraction> {
    let entry_age = selection.parameters.entry_age;
    let ages = AgeBand { from: entry_age, to: entry_age };
    over_population(selection, ages, |row| {
        row.level == Level::Primary
            && row.grade == 1
            && row.prev_grade_result != Some(PrevGradeResult::Repeated)
    })
}

/// TVE-09: students of TVE among youth over population of that age.
pub(super) fn youth_in_tve(selection: &Selection<'_>) -> Option<Fraction> {
    let ages = selection.parameters.youth_ages;
    over_population(selection, ages, |row| row.level == Level::Tve && ages.contains(row.age()))
}

/// Number of learners of the cell, for indicators that divide by it.
pub(super) fn learner_count(selection: &Selection<'_>, forms: &[Form]) -> Option<i64> {
    let year = selection.year();
    let reporters = selection.reporters(year, forms)?;
    Some(count(&selection.learners(year, &reporters)))
}
