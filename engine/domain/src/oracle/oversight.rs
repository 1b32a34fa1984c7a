//! QAS: what oversight found.

use std::collections::BTreeSet;

use super::Fraction;
use super::select::{Selection, count};
use crate::ids::Bin;
use crate::records::Form;

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
