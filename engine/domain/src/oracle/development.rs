//! TTR: courses and categories of teachers.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::Fraction;
use super::select::{Selection, count, count_if};
use crate::records::{Category, Form, Staff};
use crate::year::Year;

fn teachers<'a>(selection: &Selection<'a>) -> Option<Vec<&'a Staff>> {
    let reporters = selection.reporters(selection.year(), &[Form::Staff, Form::Organisation])?;
    let mut teachers = selection.teachers(&reporters);
    if let Some(category) = selection.cell.by.category {
        teachers.retain(|row| row.category == category);
    }
    Some(teachers)
}

/// TTR-02: teachers who passed a course that ended within the months before the fixing.
pub(super) fn recent_courses(selection: &Selection<'_>) -> Option<Fraction> {
    let teachers = teachers(selection)?;
    let to = selection.year().fixing_date();
    let from = NaiveDate::from_ymd_opt(to.year() - 1, to.month(), to.day())?;
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
