//! NET and INF: network of organisations, their places and equipment.

use std::collections::{BTreeMap, BTreeSet};

use super::Fraction;
use super::select::{Except, Reporters, Selection, count, count_if};
use crate::ids::Bin;
use crate::level::{Composite, LevelCode};
use crate::records::{BuildingState, Form, Infrastructure, OrgGroup, OrgType, Organisation};

/// Active organisations of the cell.
fn active<'a>(selection: &Selection<'a>) -> Option<Vec<&'a Organisation>> {
    let reporters = selection.reporters(selection.year(), &[Form::Organisation])?;
    Some(selection.active_passports(&reporters))
}

/// Active schools of the cell.
fn schools<'a>(selection: &Selection<'a>) -> Option<Vec<&'a Organisation>> {
    let mut schools = active(selection)?;
    schools.retain(|passport| is_school(passport));
    Some(schools)
}

fn is_school(passport: &Organisation) -> bool {
    passport.org_type.group() == OrgGroup::School
}

/// NET-01: active organisations.
pub(super) fn organisations(selection: &Selection<'_>) -> Option<Fraction> {
    active(selection).map(|rows| Fraction::sum(count(&rows)))
}

/// NET-02: small-class schools over schools.
pub(super) fn small_class_schools(selection: &Selection<'_>) -> Option<Fraction> {
    let schools = schools(selection)?;
    let small = count_if(&schools, |passport| passport.is_small_class);
    Some(Fraction::of(small, count(&schools)))
}

/// NET-03: learners in small-class schools over learners in schools.
pub(super) fn small_class_pupils(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil, Form::Organisation])?;
    let passports = selection.passports(year);
    let mut learners = selection.learners(year, &reporters);
    learners.retain(|row| is_school(passports[&row.org_bin]));
    let small = count_if(&learners, |row| passports[&row.org_bin].is_small_class);
    Some(Fraction::of(small, count(&learners)))
}

/// NET-04: learners in a later shift over learners.
pub(super) fn later_shifts(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let learners = selection.learners(year, &reporters);
    let later = count_if(&learners, |row| row.shift.is_some_and(|shift| shift >= 2));
    Some(Fraction::of(later, count(&learners)))
}

/// TVE-08: organisations with a patron enterprise or a target order over organisations.
pub(super) fn partnered(selection: &Selection<'_>) -> Option<Fraction> {
    let all = active(selection)?;
    let partnered = count_if(&all, |passport| {
        passport.patron_count.is_some_and(|patrons| patrons > 0) || passport.has_target_order == Some(true)
    });
    Some(Fraction::of(partnered, count(&all)))
}

/// EQT-05: organisations that meet the criteria of inclusion over organisations.
pub(super) fn inclusive(selection: &Selection<'_>) -> Option<Fraction> {
    let all = active(selection)?;
    Some(Fraction::of(count_if(&all, |passport| passport.is_inclusive == Some(true)), count(&all)))
}

/// NET-05: schools with three shifts over schools.
pub(super) fn three_shift_schools(selection: &Selection<'_>) -> Option<Fraction> {
    let schools = schools(selection)?;
    let three = count_if(&schools, |passport| passport.shifts == 3);
    Some(Fraction::of(three, count(&schools)))
}

/// NET-06: learners of active schools beyond their places in some shifts, school by school.
pub(super) fn place_deficit(selection: &Selection<'_>, shifts: i64) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil, Form::Organisation])?;
    let mut schools = selection.active_passports(&reporters);
    schools.retain(|passport| is_school(passport));
    if schools.is_empty() {
        return None;
    }
    let of_school = LevelCode::Composite(Composite::School);
    let any_level = Except { level: true, ..Except::default() };
    let mut learners: BTreeMap<Bin, i64> = BTreeMap::new();
    for row in selection.learners_except(year, &reporters, any_level) {
        *learners.entry(row.org_bin).or_default() += i64::from(of_school.includes(row.level));
    }
    let deficit = |passport: &&Organisation| {
        let seated = shifts * i64::from(passport.design_capacity);
        (learners.get(&passport.org_bin).copied().unwrap_or(0) - seated).max(0)
    };
    Some(Fraction::sum(schools.iter().map(deficit).sum()))
}

/// NET-09: openings and splits less closings and mergers, closed organisations included.
pub(super) fn net_change(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Organisation])?;
    let (after, until) = (year.previous()?.fixing_date(), year.fixing_date());
    let in_year = |date| after < date && date <= until;
    let mut passports: Vec<&Organisation> = selection.passports(year).into_values().collect();
    passports.retain(|passport| {
        reporters.contains(&passport.org_bin)
            && passport.org_type.group().is_in(selection.cell.level)
            && selection.covers(passport.district, passport.org_bin)
    });
    if passports.is_empty() {
        return None;
    }
    let opened = count_if(&passports, |passport| passport.opened.is_some_and(in_year));
    let closed = count_if(&passports, |passport| passport.closed.is_some_and(in_year));
    Some(Fraction::sum(opened - closed))
}

/// NET-07: learners over places.
pub(super) fn capacity_utilisation(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil, Form::Organisation])?;
    let learners = selection.learners(year, &reporters);
    let places = selection
        .active_passports(&reporters)
        .into_iter()
        .map(|passport| i64::from(passport.design_capacity))
        .sum();
    Some(Fraction::of(count(&learners), places))
}

/// NET-08: organisations in emergency condition over organisations.
pub(super) fn emergency(selection: &Selection<'_>) -> Option<Fraction> {
    let organisations = active(selection)?;
    let in_emergency =
        count_if(&organisations, |passport| passport.building_state == Some(BuildingState::Emergency));
    Some(Fraction::of(in_emergency, count(&organisations)))
}

/// Infrastructure of the active organisations of the cell.
fn equipment<'a>(selection: &Selection<'a>, reporters: &Reporters) -> Vec<&'a Infrastructure> {
    let active: BTreeSet<Bin> =
        selection.active_passports(reporters).into_iter().map(|passport| passport.org_bin).collect();
    let rows = selection.records.infrastructure.iter();
    rows.filter(|row| row.year == selection.year() && active.contains(&row.org_bin))
        .filter(|row| selection.covers(row.district, row.org_bin))
        .collect()
}

/// INF-02: learners over computers at most five years old.
pub(super) fn learners_per_computer(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let forms = [Form::Pupil, Form::Infrastructure, Form::Organisation];
    let reporters = selection.reporters(year, &forms)?;
    let learners = selection.learners(year, &reporters);
    let computers =
        equipment(selection, &reporters).into_iter().map(|row| i64::from(row.computers_recent)).sum();
    Some(Fraction::of(count(&learners), computers))
}

/// INF-03: organisations with the speed of the norm over organisations.
pub(super) fn broadband(selection: &Selection<'_>) -> Option<Fraction> {
    let forms = [Form::Infrastructure, Form::Organisation];
    let reporters = selection.reporters(selection.year(), &forms)?;
    let rows = equipment(selection, &reporters);
    let norm = selection.parameters.broadband_norm;
    let fast = count_if(&rows, |row| row.measured_mbps.is_some_and(|speed| speed >= norm));
    Some(Fraction::of(fast, count(&rows)))
}

/// INF-01: organisations with an item over organisations.
pub(super) fn equipped(
    selection: &Selection<'_>,
    has_item: impl Fn(&Infrastructure) -> bool,
) -> Option<Fraction> {
    let forms = [Form::Infrastructure, Form::Organisation];
    let reporters = selection.reporters(selection.year(), &forms)?;
    let rows = equipment(selection, &reporters);
    Some(Fraction::of(count_if(&rows, has_item), count(&rows)))
}

/// INF-04: schools above primary with a modern room over such schools.
pub(super) fn modern_rooms(selection: &Selection<'_>) -> Option<Fraction> {
    let forms = [Form::Infrastructure, Form::Organisation];
    let reporters = selection.reporters(selection.year(), &forms)?;
    let passports = selection.passports(selection.year());
    let mut rows = equipment(selection, &reporters);
    rows.retain(|row| {
        passports.get(&row.org_bin).is_some_and(|p| is_school(p) && p.org_type != OrgType::Primary)
    });
    let modern = count_if(&rows, |row| {
        row.has_physics_room || row.has_chemistry_room || row.has_biology_room || row.has_stem_room
    });
    Some(Fraction::of(modern, count(&rows)))
}

/// INF-05: textbooks held over textbooks required.
pub(super) fn textbooks(selection: &Selection<'_>) -> Option<Fraction> {
    let forms = [Form::Infrastructure, Form::Organisation];
    let reporters = selection.reporters(selection.year(), &forms)?;
    let rows = equipment(selection, &reporters);
    let held = rows.iter().map(|row| i64::from(row.textbooks_held)).sum();
    let required = rows.iter().map(|row| i64::from(row.textbooks_required)).sum();
    Some(Fraction::of(held, required))
}
