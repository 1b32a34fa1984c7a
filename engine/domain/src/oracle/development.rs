//! TTR: courses and categories of teachers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::Fraction;
use super::cell::matches;
use super::select::{Selection, count, count_if};
use crate::records::{Category, Certification, Form, Staff, Tenths};
use crate::year::Year;

fn teachers<'a>(selection: &Selection<'a>) -> Option<Vec<&'a Staff>> {
    let reporters = selection.reporters(selection.year(), &[Form::Staff, Form::Organisation])?;
    let mut teachers = selection.teachers(&reporters);
    if let Some(category) = selection.cell.by.category {
        teachers.retain(|row| row.category == category);
    }
    Some(teachers)
}

/// TTR-02: teachers who passed a course that ended within the year before the fixing.
pub(super) fn recent_courses(selection: &Selection<'_>) -> Option<Fraction> {
    courses_of_years(selection, 1)
}

/// TTR-01: teachers who passed a course that ended within the years before the fixing.
pub(super) fn courses(selection: &Selection<'_>) -> Option<Fraction> {
    courses_of_years(selection, selection.parameters.training_years)
}

fn courses_of_years(selection: &Selection<'_>, years: i32) -> Option<Fraction> {
    let teachers = teachers(selection)?;
    let to = selection.year().fixing_date();
    let from = NaiveDate::from_ymd_opt(to.year() - years, to.month(), to.day())?;
    let courses = selection.records.trainings.iter();
    let trained: BTreeSet<i64> = courses
        .filter(|course| course.result == "passed" && from < course.ended_on && course.ended_on <= to)
        .map(|course| course.tid.to_i64())
        .collect();
    let recent = count_if(&teachers, |row| trained.contains(&row.tid.to_i64()));
    Some(Fraction::of(recent, count(&teachers)))
}

/// Step of a category on the present scale; the old scale was taken over to it.
const fn step(category: Category) -> u8 {
    match category {
        Category::None => 0,
        Category::Pedagog => 1,
        Category::Moderator | Category::Second => 2,
        Category::Expert | Category::First => 3,
        Category::Researcher | Category::Highest => 4,
        Category::Master => 5,
    }
}

/// The year a day belongs to: up to 1 October its own.
fn year_of(day: NaiveDate) -> Option<Year> {
    let year = Year::try_from(day.year()).ok()?;
    if day <= year.fixing_date() { Some(year) } else { Year::try_from(day.year() + 1).ok() }
}

/// TTR-04: teachers whose category rose over those whose category can rise.
pub(super) fn risen(selection: &Selection<'_>) -> Option<Fraction> {
    let teachers = teachers(selection)?;
    let granted = selection.records.certifications.iter().filter(|row| {
        row.stage == "decision"
            && row.result == "granted"
            && step(row.category_applied) > row.category_before.map_or(0, step)
            && year_of(row.held_on) == Some(selection.year())
    });
    let risen: BTreeSet<i64> = granted.map(|row| row.tid.to_i64()).collect();
    let has_risen = |row: &Staff| risen.contains(&row.tid.to_i64());
    let can_rise = |row: &Staff| has_risen(row) || step(row.category) < step(Category::Master);
    Some(Fraction::of(count_if(&teachers, has_risen), count_if(&teachers, can_rise)))
}

/// TTR-05: teachers whose category has run out over those with one.
pub(super) fn overdue(selection: &Selection<'_>) -> Option<Fraction> {
    let teachers = teachers(selection)?;
    let day = selection.year().fixing_date();
    let has_category = |row: &Staff| row.category != Category::None;
    let is_overdue = |row: &Staff| has_category(row) && row.category_to.is_some_and(|end| end < day);
    Some(Fraction::of(count_if(&teachers, is_overdue), count_if(&teachers, has_category)))
}

/// TTR-03: persons who reach the threshold of the category applied for over persons assessed.
pub(super) fn assessed(selection: &Selection<'_>) -> Fraction {
    let thresholds = &selection.parameters.assessment;
    let threshold = |row: &Certification| -> Option<Tenths> {
        if row.is_head {
            return Some(thresholds.head);
        }
        let mut categories = thresholds.categories.iter();
        categories.find(|(category, _)| *category == row.category_applied).map(|(_, least)| *least)
    };
    let is_passed = |row: &Certification| row.score_percent >= threshold(row);
    let mut persons: BTreeMap<_, Vec<&Certification>> = BTreeMap::new();
    let tests = selection.records.certifications.iter();
    for row in tests.filter(|row| row.year == selection.year() && row.stage == "knowledge_test") {
        persons.entry((row.district.region(), row.tid.to_i64())).or_default().push(row);
    }
    let best = persons.into_values().filter_map(|rows| {
        let order =
            |row: &&Certification| (!is_passed(row), Reverse(row.score_percent), row.application_no.clone());
        rows.into_iter().min_by_key(order)
    });
    let passports = selection.passports(selection.year());
    let by = &selection.cell.by;
    let of_cell: Vec<&Certification> = best
        .filter(|row| {
            selection.covers(row.district, row.org_bin)
                && passports.get(&row.org_bin).is_some_and(|p| p.org_type.group().is_in(selection.cell.level))
                && matches(by.sex.as_ref(), &row.sex)
                && matches(by.category.as_ref(), &row.category_applied)
        })
        .collect();
    Fraction::of(count_if(&of_cell, |row| is_passed(row)), count(&of_cell))
}
