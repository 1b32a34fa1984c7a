//! CON: contingent.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Fraction;
use super::access::learner_count;
use super::cell::matches;
use super::select::{Except, Selection, count, count_if};
use crate::dimension::{Ownership, Sex};
use crate::ids::Bin;
use crate::level::Level;
use crate::records::{ExitReason, Form, PrevGradeResult, Pupil};

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

/// CON-07: girls and women over learners.
pub(super) fn female_share(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let learners = selection.learners(year, &reporters);
    Some(Fraction::of(count_if(&learners, |row| row.sex == Sex::Female), count(&learners)))
}

/// GOV-07: learners active in several organisations of one level over learners of the level, each where the
/// latest enrolment is. Above the organisation only: within one a learner counts wherever active.
pub(super) fn overlap(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    selection.reporters(year, &[Form::Pupil])?;
    let rows = selection.records.pupils.iter();
    let active = rows.filter(|row| row.year == year && row.is_active());
    // A learner of a level, with the latest enrolment in each organisation.
    let mut learners: BTreeMap<(i64, Level), BTreeMap<Bin, &Pupil>> = BTreeMap::new();
    for row in active {
        let learner = learners.entry((row.pid.to_i64(), row.level)).or_default();
        let here = learner.entry(row.org_bin).or_insert(row);
        if row.enrol_from > here.enrol_from {
            *here = row;
        }
    }
    let mut share = Fraction::of(0, 0);
    for ((_, level), organisations) in learners {
        let latest = organisations.values().min_by_key(|row| (Reverse(row.enrol_from), row.org_bin))?;
        if selection.cell.level.includes(level) && selection.covers(latest.district, latest.org_bin) {
            share.numerator += i64::from(organisations.len() > 1);
            share.denominator = share.denominator.map(|all| all + 1);
        }
    }
    Some(share)
}
