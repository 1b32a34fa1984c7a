//! CON: contingent.

use super::Fraction;
use super::access::learner_count;
use super::cell::matches;
use super::select::{Except, Selection, count, count_if};
use crate::dimension::Ownership;
use crate::records::{ExitReason, Form, PrevGradeResult};

/// CON-01: learners.
pub(super) fn enrolment(selection: &Selection<'_>) -> Option<Fraction> {
    learner_count(selection, &[Form::Pupil]).map(Fraction::sum)
}

/// CON-02: learners in the language over all learners.
pub(super) fn language_share(selection: &Selection<'_>) -> Option<Fraction> {
    let language = selection.cell.by.language?;
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let any_language = Except { language: true, ..Except::default() };
    let learners = selection.learners_except(year, &reporters, any_language);
    let share = count_if(&learners, |row| row.language == language);
    Some(Fraction::of(share, count(&learners)))
}

/// CON-03: learners in private organisations over all learners.
pub(super) fn private_share(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil, Form::Organisation])?;
    let passports = selection.passports(year);
    let learners = selection.learners(year, &reporters);
    let private = count_if(&learners, |row| passports[&row.org_bin].ownership == Ownership::Private);
    Some(Fraction::of(private, count(&learners)))
}

/// CON-04: learners over class-sets.
pub(super) fn class_size(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let by = &selection.cell.by;
    let reporters = selection.reporters(year, &[Form::Pupil, Form::Class])?;
    let learners = selection.learners(year, &reporters);
    let classes = selection.records.classes.iter().filter(|row| {
        row.year == year
            && reporters.contains(&row.org_bin)
            && selection.covers(row.district, row.org_bin)
            && selection.cell.level.includes(row.level)
            && matches(by.grade.as_ref(), &row.grade)
            && matches(by.language.as_ref(), &row.language)
    });
    let classes: Vec<_> = classes.collect();
    Some(Fraction::of(count(&learners), count(&classes)))
}

/// CON-05: learners with special educational needs over all learners.
pub(super) fn special_needs_share(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let learners = selection.learners(year, &reporters);
    let with_needs = count_if(&learners, |row| row.has_sen);
    Some(Fraction::of(with_needs, count(&learners)))
}

/// CON-06: arrivals less leavers between two as-of dates, over the earlier learners.
pub(super) fn net_mobility(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let before = year.previous()?;
    let (after, until) = (before.fixing_date(), year.fixing_date());
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let rows: Vec<_> = selection.pupil_rows(year, &reporters, Except::default()).collect();
    let in_between = |date| after < date && date <= until;
    let arrived = count_if(&rows, |row| {
        in_between(row.enrol_from) && row.prev_grade_result != Some(PrevGradeResult::NewEntrant)
    });
    let left = count_if(&rows, |row| {
        row.enrol_to.is_some_and(in_between) && row.exit_reason != Some(ExitReason::Completed)
    });
    let base = selection.learners_before(Except::default())?;
    Some(Fraction::of(arrived - left, count(&base)))
}
