//! QAS and MET: what oversight and methodological help found.

use std::collections::{BTreeMap, BTreeSet};

use super::Fraction;
use super::cell::matches;
use super::select::{Selection, count, count_if};
use crate::ids::Bin;
use crate::level::{Composite, Level, LevelCode};
use crate::records::{Form, Inspection, Licence, MethodicalDay, OrgGroup, Organisation};

/// QAS-01: organisations licensed for every level that they teach over organisations that teach.
pub(super) fn licensed(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let day = year.fixing_date();
    let reporters = selection.reporters(year, &[Form::Organisation, Form::Pupil])?;
    let mut taught: BTreeMap<Bin, BTreeSet<Level>> = BTreeMap::new();
    for learner in selection.learners_anywhere(year) {
        taught.entry(learner.org_bin).or_default().insert(learner.level);
    }
    let is_in_force = |row: &Licence| {
        let stood = row.status == "active" || row.status_on.is_some_and(|changed| changed > day);
        stood && row.issued_on <= day && row.valid_to.is_none_or(|last| last >= day)
    };
    let licences = selection.records.licences.iter();
    let held: BTreeSet<(Bin, Level)> = licences
        .filter(|row| row.year == year && is_in_force(row))
        .map(|row| (row.org_bin, row.level))
        .collect();
    let mut obliged = selection.active_passports(&reporters);
    obliged.retain(|passport| {
        passport.org_type.group() != OrgGroup::PreSchool && taught.contains_key(&passport.org_bin)
    });
    let licensed = count_if(&obliged, |passport| {
        taught[&passport.org_bin].iter().all(|level| held.contains(&(passport.org_bin, *level)))
    });
    Some(Fraction::of(licensed, count(&obliged)))
}

/// Passports of the year in the cell, of organisations that work or not.
fn passports_of_cell<'a>(selection: &Selection<'a>) -> BTreeMap<Bin, &'a Organisation> {
    let mut passports = selection.passports(selection.year());
    passports.retain(|bin, passport| {
        selection.covers(passport.district, *bin) && passport.org_type.group().is_in(selection.cell.level)
    });
    passports
}

/// QAS-02: organisations attested at the first attempt over organisations that went through attestation.
pub(super) fn first_attempt(selection: &Selection<'_>) -> Fraction {
    let passports = passports_of_cell(selection);
    let rows = selection.records.attestations.iter();
    let rows: Vec<_> =
        rows.filter(|row| row.year == selection.year() && passports.contains_key(&row.org_bin)).collect();
    let went: BTreeSet<Bin> = rows.iter().map(|row| row.org_bin).collect();
    let at_first = rows.iter().filter(|row| row.attempt_no == 1 && row.result == "attested");
    let at_first: BTreeSet<Bin> = at_first.map(|row| row.org_bin).collect();
    Fraction::of(number(&at_first), number(&went))
}

/// QAS-03: organisations with an institutional accreditation in force over organisations.
pub(super) fn accredited(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let day = year.fixing_date();
    let reporters = selection.reporters(year, &[Form::Organisation])?;
    let active = selection.active_passports(&reporters);
    let in_force = selection.records.accreditations.iter().filter(|row| {
        row.year == year
            && row.kind == "institutional"
            && row.is_agency_recognised
            && (row.result == "accredited" || row.result == "conditional")
            && row.valid_from <= day
            && row.valid_to >= day
    });
    let accredited: BTreeSet<Bin> = in_force.map(|row| row.org_bin).collect();
    Some(Fraction::of(count_if(&active, |row| accredited.contains(&row.org_bin)), count(&active)))
}

/// Whether the subject of an inspection is of the cell: of every kind for all levels, else an organisation.
fn is_subject(selection: &Selection<'_>, row: &Inspection) -> bool {
    let of_level = || {
        let passports = selection.passports(selection.year());
        passports.get(&row.subject_bin).is_some_and(|p| p.org_type.group().is_in(selection.cell.level))
    };
    row.year == selection.year()
        && selection.covers(row.district, row.subject_bin)
        && (selection.cell.level == LevelCode::Composite(Composite::All) || of_level())
}

/// QAS-04: subjects inspected on the plan over subjects in the plan.
pub(super) fn inspected(selection: &Selection<'_>) -> Fraction {
    let planned = selection.records.inspections.iter().filter(|row| {
        row.basis == "plan"
            && is_subject(selection, row)
            && matches(selection.cell.by.member.as_ref(), &row.subject_kind)
    });
    let planned: Vec<_> = planned.collect();
    let subjects: BTreeSet<Bin> = planned.iter().map(|row| row.subject_bin).collect();
    let held = planned.iter().filter(|row| row.is_held());
    let inspected: BTreeSet<Bin> = held.map(|row| row.subject_bin).collect();
    Fraction::of(number(&inspected), number(&subjects))
}

/// Rows of the inspections of the cell that took place.
fn held<'a>(selection: &Selection<'a>) -> Vec<&'a Inspection> {
    let rows = selection.records.inspections.iter();
    rows.filter(|row| row.is_held() && is_subject(selection, row)).collect()
}

/// QAS-05: violations, of a severity or of all, over inspections held.
pub(super) fn violations(selection: &Selection<'_>) -> Fraction {
    let rows = held(selection);
    let inspections: BTreeSet<&str> = rows.iter().map(|row| row.inspection_no.as_str()).collect();
    let severity = selection.cell.by.member.as_ref();
    let violations = count_if(&rows, |row| {
        row.violation_no > 0 && severity.is_none_or(|severity| row.severity.as_ref() == Some(severity))
    });
    Fraction::of(violations, number(&inspections))
}

/// QAS-06: violations remedied by the date due over violations due by the fixing.
pub(super) fn remedied(selection: &Selection<'_>) -> Fraction {
    let day = selection.year().fixing_date();
    let mut rows = held(selection);
    rows.retain(|row| row.violation_no > 0 && row.due_on.is_some_and(|due| due <= day));
    let in_time = |row: &Inspection| row.closed_on.zip(row.due_on).is_some_and(|(closed, due)| closed <= due);
    Fraction::of(count_if(&rows, |row| in_time(row)), count(&rows))
}

/// Methodological days of the year in active schools of the cell.
fn days<'a>(selection: &Selection<'a>) -> Vec<&'a MethodicalDay> {
    let mut schools = passports_of_cell(selection);
    schools.retain(|_, passport| passport.org_type.group() == OrgGroup::School && passport.is_active());
    let rows = selection.records.methodical_days.iter();
    rows.filter(|row| row.year == selection.year() && schools.contains_key(&row.visited_bin)).collect()
}

/// MET-01: schools that a methodological day covered over schools.
pub(super) fn covered_schools(selection: &Selection<'_>) -> Option<Fraction> {
    let reporters = selection.reporters(selection.year(), &[Form::Organisation])?;
    let mut schools = selection.active_passports(&reporters);
    schools.retain(|passport| passport.org_type.group() == OrgGroup::School);
    let covered: BTreeSet<Bin> = days(selection).iter().map(|row| row.visited_bin).collect();
    Some(Fraction::of(number(&covered), count(&schools)))
}

/// MET-02: recommendations carried out over recommendations given.
pub(super) fn recommendations(selection: &Selection<'_>) -> Fraction {
    let days = days(selection);
    let done = days.iter().map(|row| i64::from(row.done_count)).sum();
    Fraction::of(done, days.iter().map(|row| i64::from(row.recommendation_count)).sum())
}

/// How many there are.
fn number<T>(set: &BTreeSet<T>) -> i64 {
    set.iter().map(|_| 1).sum()
}

/// QAS-07: licences suspended or revoked and organisations closed by an inspection, over active organisations.
pub(super) fn severe_outcomes(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let earlier = year.previous()?;
    let passports = selection.passports(year);
    let in_cell = |bin: Bin| {
        passports.get(&bin).is_some_and(|passport| {
            selection.covers(passport.district, bin) && passport.org_type.group().is_in(selection.cell.level)
        })
    };
    let in_year = |day| earlier.fixing_date() < day && day <= year.fixing_date();
    let licences = selection.records.licences.iter().filter(|row| {
        row.year == year
            && (row.status == "suspended" || row.status == "revoked")
            && row.status_on.is_some_and(in_year)
            && in_cell(row.org_bin)
    });
    let licences: BTreeSet<(Bin, &str)> =
        licences.map(|row| (row.org_bin, row.licence_no.as_str())).collect();
    let closed = selection.records.inspections.iter().filter(|row| {
        row.year == year
            && row.is_held()
            && row.outcome == "closed"
            && row.subject_kind == "organisation"
            && in_cell(row.subject_bin)
    });
    let closed: BTreeSet<(Bin, &str)> =
        closed.map(|row| (row.subject_bin, row.inspection_no.as_str())).collect();
    let cases = licences.iter().chain(&closed).map(|_| 1).sum();
    // Nobody counts as none only where something was reported of the year.
    let reporters = selection.reporters(year, &[Form::Organisation]);
    if reporters.is_none() && cases == 0 {
        return None;
    }
    let active = reporters.map_or(0, |reporters| count(&selection.active_passports(&reporters)));
    Some(Fraction::of(cases, active))
}
