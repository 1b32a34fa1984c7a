//! TCH: teaching staff.

use super::Fraction;
use super::select::{Selection, count, count_if};
use crate::dimension::Sex;
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

/// TCH-10: women over teachers.
pub(super) fn female_share(selection: &Selection<'_>) -> Option<Fraction> {
    share(selection, |row| row.sex == Sex::Female)
}

/// TCH-02: teachers with pedagogical education over those of whom it is reported.
pub(super) fn trained(selection: &Selection<'_>) -> Option<Fraction> {
    let teachers = teachers(selection)?;
    let known = count_if(&teachers, |row| row.has_pedagogical_education.is_some());
    let trained = count_if(&teachers, |row| row.has_pedagogical_education == Some(true));
    Some(Fraction::of(trained, known))
}

/// TCH-08: vacant full-time equivalents of teachers over held and vacant ones, in hundredths.
pub(super) fn vacant(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Staff, Form::Organisation])?;
    let passports = selection.passports(year);
    let in_cell = |row_year, district, bin| {
        row_year == year
            && reporters.contains(&bin)
            && selection.covers(district, bin)
            && passports.get(&bin).is_some_and(|p| p.org_type.group().is_in(selection.cell.level))
    };
    let staff = selection.records.staff.iter();
    let held: i64 = staff
        .filter(|row| row.is_teacher && row.left_reason.is_none())
        .filter(|row| in_cell(row.year, row.district, row.org_bin))
        .map(|row| i64::from(row.rate_fte.0))
        .sum();
    let vacancies = selection.records.vacancies.iter();
    let vacant: i64 = vacancies
        .filter(|row| row.is_counted() && in_cell(row.year, row.district, row.org_bin))
        .map(|row| i64::from(row.rate_fte.0))
        .sum();
    Some(Fraction::of(vacant, held + vacant))
}
