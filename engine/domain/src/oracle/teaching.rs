//! TCH: teaching staff.

use super::Fraction;
use super::select::{Selection, count, count_if};
use crate::records::{Category, Education, Form, Staff};

/// Teachers of the cell, of every category.
fn teachers<'a>(selection: &Selection<'a>) -> Option<Vec<&'a Staff>> {
    let forms = [Form::Staff, Form::Organisation];
    let reporters = selection.reporters(selection.year(), &forms)?;
    Some(selection.teachers(&reporters))
}

/// Share of the teachers of the cell, its category included, that satisfy a condition.
fn share(selection: &Selection<'_>, condition: impl Fn(&Staff) -> bool) -> Option<Fraction> {
    let mut teachers = teachers(selection)?;
    if let Some(category) = selection.cell.by.category {
        teachers.retain(|row| row.category == category);
    }
    let share = count_if(&teachers, condition);
    Some(Fraction::of(share, count(&teachers)))
}

/// TCH-01: learners over teachers.
pub(super) fn pupil_teacher_ratio(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let forms = [Form::Pupil, Form::Staff, Form::Organisation];
    let reporters = selection.reporters(year, &forms)?;
    let learners = selection.learners(year, &reporters);
    let teachers = selection.teachers(&reporters);
    Some(Fraction::of(count(&learners), count(&teachers)))
}

/// TCH-03: teachers with higher education over teachers.
pub(super) fn higher_education(selection: &Selection<'_>) -> Option<Fraction> {
    share(selection, |row| row.education == Education::Higher)
}

/// TCH-04: teachers of a category over all teachers.
pub(super) fn category_share(selection: &Selection<'_>) -> Option<Fraction> {
    let category = selection.cell.by.category?;
    let teachers = teachers(selection)?;
    let of_category = count_if(&teachers, |row| row.category == category);
    Some(Fraction::of(of_category, count(&teachers)))
}

/// TCH-05: researchers and masters over teachers.
pub(super) fn upper_categories(selection: &Selection<'_>) -> Option<Fraction> {
    share(selection, |row| matches!(row.category, Category::Researcher | Category::Master))
}

/// TCH-06: teachers of senior age over teachers.
pub(super) fn senior_age(selection: &Selection<'_>) -> Option<Fraction> {
    share(selection, |row| row.age() >= selection.parameters.senior_age)
}
