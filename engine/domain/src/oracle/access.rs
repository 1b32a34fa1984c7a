//! ACC: access and coverage.

use std::collections::BTreeSet;

use super::Fraction;
use super::ready::quotient;
use super::select::{Except, Selection, count, count_if};
use crate::ids::Kato;
use crate::level::{AgeBand, Level, LevelCode};
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

/// ACC-04: learners of pre-school education of some ages over population of these ages that is not in grade 1.
pub(super) fn pre_school_coverage(selection: &Selection<'_>, ages: AgeBand) -> Option<Fraction> {
    let ages = match selection.cell.by.age {
        Some(age) if ages.contains(i32::from(age)) => AgeBand { from: age, to: age },
        Some(_) => return None,
        None => ages,
    };
    let is_of_age = |row: &Pupil| ages.contains(row.age());
    let covered = over_population(selection, ages, |row| is_of_age(row) && row.level == Level::PreSchool)?;
    let at_school = over_population(selection, ages, |row| {
        is_of_age(row) && row.level == Level::Primary && row.grade == 1
    })?;
    Some(Fraction::of(covered.numerator, covered.denominator? - at_school.numerator))
}

/// ACC-05: learners of pre-school or primary education one year below entry age, over population.
pub(super) fn participation_before_entry(selection: &Selection<'_>) -> Option<Fraction> {
    let age = selection.parameters.entry_age - 1;
    over_population(selection, AgeBand { from: age, to: age }, |row| {
        row.age() == i32::from(age) && matches!(row.level, Level::PreSchool | Level::Primary)
    })
}

/// ACC-08: population of official age that is enrolled at no level, over that population.
///
/// Of the regions that have population and report learners.
pub(super) fn out_of_school(selection: &Selection<'_>) -> Option<Fraction> {
    let ages = official_ages(selection)?;
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let rows = selection.records.pupils.iter().filter(|row| row.year == year);
    let reporting: BTreeSet<Kato> = rows.filter_map(|row| row.district.region().kato()).collect();
    let mut units = selection.population(ages);
    units.retain(|region, _| reporting.contains(region));
    if units.is_empty() {
        return None;
    }
    let any_level = Except { level: true, ..Except::default() };
    let learners = selection.learners_except(year, &reporters, any_level);
    let enrolled =
        count_if(&learners, |row| ages.contains(row.age()) && selection.has_population(&units, row.district));
    let population: i64 = units.values().sum();
    Some(Fraction::of(population - enrolled, population))
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

/// ACC-10: learners of the last grade of the level who do not repeat it, over population of its age.
pub(super) fn last_grade_intake(selection: &Selection<'_>) -> Option<Fraction> {
    let LevelCode::Single(level) = selection.cell.level else {
        return None;
    };
    // Grade 12 is beyond the theoretical duration.
    let last = (*level.grades()?.end()).min(selection.parameters.last_grade);
    let age = selection.parameters.entry_age + last - 1;
    over_population(selection, AgeBand { from: age, to: age }, |row| {
        row.level == level && row.grade == last && row.prev_grade_result != Some(PrevGradeResult::Repeated)
    })
}

/// ACC-11: learners some years above the theoretical age of their grade, over learners.
pub(super) fn over_age(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let learners = selection.learners(year, &reporters);
    let parameters = selection.parameters;
    let theoretical = |row: &Pupil| i32::from(parameters.entry_age) + i32::from(row.grade) - 1;
    let above = count_if(&learners, |row| row.age() >= theoretical(row) + parameters.overage_years);
    Some(Fraction::of(above, count(&learners)))
}

/// ACC-12: learners over population of each age of the band, added up.
///
/// `None` also where learners of an age have no population beside them.
pub(super) fn school_life_expectancy(selection: &Selection<'_>) -> Option<f64> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let learners = selection.learners(year, &reporters);
    let rows = selection.records.pupils.iter().filter(|row| row.year == year);
    let reporting: BTreeSet<Kato> = rows.filter_map(|row| row.district.region().kato()).collect();
    let band = selection.parameters.life_ages;
    let mut counted = selection.population(band);
    counted.retain(|region, _| reporting.contains(region));
    if counted.is_empty() {
        return None;
    }
    let mut years = 0.0;
    for age in band.from..=band.to {
        let enrolled = count_if(&learners, |row| {
            row.age() == i32::from(age) && selection.has_population(&counted, row.district)
        });
        let units = selection.population(AgeBand { from: age, to: age });
        let population: i64 = units
            .iter()
            .filter(|(region, _)| counted.contains_key(*region))
            .map(|(_, persons)| persons)
            .sum();
        match (enrolled, population) {
            (0, 0) => {}
            (_, 0) => return None,
            (enrolled, population) => years += quotient(enrolled, population),
        }
    }
    Some(years)
}

/// Number of learners of the cell, for indicators that divide by it.
pub(super) fn learner_count(selection: &Selection<'_>, forms: &[Form]) -> Option<i64> {
    let year = selection.year();
    let reporters = selection.reporters(year, forms)?;
    Some(count(&selection.learners(year, &reporters)))
}
