//! GOV-08: how far two sources of one number lie apart.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::cell::UnitSet;
use super::ready::quotient;
use super::select::{Except, Selection, count, count_if};
use crate::ids::RegionCode;
use crate::pseudonym::Pseudonym;
use crate::records::{Aggregate, Form, Organisation, RepublicOr, Staff, UntStatus};

/// GOV-08 of a pair of sources: distance over the other source, percent.
pub(super) fn discrepancy(selection: &Selection<'_>) -> Option<f64> {
    let (own, other) = match selection.cell.by.member.as_deref()? {
        "pupils" => (pupils(selection)?, published(selection, "pupils")?),
        "teachers" => (teachers(selection)?, published(selection, "teachers")?),
        "organisations" => (organisations(selection)?, published(selection, "schools")?),
        "leavers" => leavers(selection)?,
        _ => return None,
    };
    (other > 0).then(|| 100.0 * quotient((own - other).abs(), other))
}

/// Learners of the cell in administrative data.
fn pupils(selection: &Selection<'_>) -> Option<i64> {
    let year = selection.year();
    let delivered = selection.delivered(year);
    let mut rows = selection.pupil_rows(year, &delivered, Except::default()).peekable();
    rows.peek()?;
    Some(count(&selection.learners(year, &delivered)))
}

/// Teachers of the cell in administrative data.
fn teachers(selection: &Selection<'_>) -> Option<i64> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Staff, Form::Organisation])?;
    let passports = selection.passports(year);
    let is_of_cell = |row: &Staff| {
        row.year == year
            && selection.covers(row.district, row.org_bin)
            && passports.get(&row.org_bin).is_some_and(|p| p.org_type.group().is_in(selection.cell.level))
    };
    let is_reported = selection.records.staff.iter().any(is_of_cell);
    is_reported.then(|| count(&selection.teachers(&reporters)))
}

/// Active organisations of the cell.
fn organisations(selection: &Selection<'_>) -> Option<i64> {
    let passports = selection.passports(selection.year());
    let of_cell = passports.into_values().filter(|passport| {
        selection.covers(passport.district, passport.org_bin)
            && passport.org_type.group().is_in(selection.cell.level)
    });
    let rows: Vec<_> = of_cell.collect();
    (!rows.is_empty()).then(|| count_if(&rows, Organisation::is_active))
}

/// What state statistics print of the unit itself: the edition published last that has a number; teachers
/// of a list that has pupils too, as TCH-01 needs both.
fn published(selection: &Selection<'_>, series: &str) -> Option<i64> {
    let kato = match selection.cell.units {
        UnitSet::Republic => RepublicOr(None),
        UnitSet::Region(region) => RepublicOr(Some(region.kato()?)),
        _ => return None,
    };
    let of_unit = |series: &str| -> Vec<&Aggregate> {
        let rows = selection.records.aggregates.iter().filter(|row| {
            row.series == series
                && row.year == selection.year()
                && row.level == selection.cell.level
                && row.kato == kato
                && row.publisher == "bns"
                && row.is_total()
                && row.ownership.0.is_none()
                && row.value.is_some()
        });
        rows.collect()
    };
    let pupils: BTreeSet<String> = of_unit("pupils").iter().map(|row| row.edition.to_string()).collect();
    let mut rows = of_unit(series);
    if series == "teachers" {
        rows.retain(|row| pupils.contains(&*row.edition));
    }
    let newest =
        rows.into_iter().min_by_key(|row| (Reverse(row.published_on), Reverse(row.edition.clone())))?;
    newest.value
}

/// Persons at the admission test in the year they left school, and learners of the last grade of the autumn
/// before, in the regions that have both.
fn leavers(selection: &Selection<'_>) -> Option<(i64, i64)> {
    let year = selection.year();
    let before = year.previous()?;
    let mut tested: BTreeMap<RegionCode, BTreeSet<Pseudonym>> = BTreeMap::new();
    for row in selection.records.unt.iter().filter(|row| {
        row.year == year
            && row.status == UntStatus::Valid
            && row.leaver_year.map(i32::from) == Some(i32::from(year))
    }) {
        tested.entry(row.district.region()).or_default().insert(row.pid);
    }
    let mut expected: BTreeMap<RegionCode, i64> = BTreeMap::new();
    let last = selection.parameters.last_grade;
    for row in selection
        .learners_anywhere(before)
        .into_iter()
        .filter(|row| row.grade == last && selection.cell.level.includes(row.level))
    {
        *expected.entry(row.district.region()).or_default() += 1;
    }
    let both = expected.into_iter().filter_map(|(region, expected)| {
        let tested = tested.get(&region)?;
        let is_of_cell = match selection.cell.units {
            UnitSet::Republic => true,
            UnitSet::Region(asked) => asked == region,
            _ => false,
        };
        is_of_cell.then(|| (tested.iter().map(|_| 1).sum::<i64>(), expected))
    });
    let both: Vec<(i64, i64)> = both.collect();
    (!both.is_empty()).then(|| {
        both.iter().fold((0, 0), |(found, all), (tested, expected)| (found + tested, all + expected))
    })
}
