//! TCH-07: teachers between two fixings, by persons and by stocks.

use std::collections::{BTreeMap, BTreeSet};

use super::Fraction;
use super::cell::matches;
use super::select::{Selection, main_positions};
use crate::ids::Bin;
use crate::records::{LeftReason, Staff};
use crate::year::Year;

/// Teachers of the cell between the fixing of the year before and this one.
#[derive(Default)]
struct Flow {
    /// Before, where staff was reported in both years.
    base: i64,
    /// Of them, who left and teach nowhere.
    leavers: i64,
    /// Before, opened and closed organisations too.
    before: i64,
    now: i64,
    new: i64,
}

/// Organisations that sent staff in a year.
fn senders(selection: &Selection<'_>, year: Year) -> BTreeSet<Bin> {
    selection.records.staff.iter().filter(|row| row.year == year).map(|row| row.org_bin).collect()
}

fn flow(selection: &Selection<'_>) -> Option<Flow> {
    let year = selection.year();
    let earlier = year.previous()?;
    let passports = selection.passports(year);
    let (sent_now, sent_before) = (senders(selection, year), senders(selection, earlier));
    if sent_now.is_empty() && sent_before.is_empty() {
        return None;
    }
    let has_both = |bin: Bin| sent_now.contains(&bin) && sent_before.contains(&bin);
    let in_cell = |row: &Staff| {
        matches(selection.cell.by.sex.as_ref(), &row.sex)
            && passports.get(&row.org_bin).is_some_and(|passport| {
                selection.covers(passport.district, row.org_bin)
                    && passport.org_type.group().is_in(selection.cell.level)
            })
    };
    let is_followed = |bin: Bin| {
        let passport = passports[&bin];
        let has_opened = passport.opened.is_some_and(|day| day > earlier.fixing_date());
        match (sent_before.contains(&bin), sent_now.contains(&bin)) {
            (true, true) => true,
            (false, true) => has_opened,
            (true, false) => !passport.is_active(),
            (false, false) => false,
        }
    };
    let mut flow = Flow::default();
    let staff = &selection.records.staff;
    for row in main_positions(staff, earlier).filter(|row| in_cell(row)) {
        flow.base += i64::from(has_both(row.org_bin));
        flow.before += i64::from(is_followed(row.org_bin));
    }
    for row in main_positions(staff, year).filter(|row| in_cell(row) && is_followed(row.org_bin)) {
        flow.now += 1;
        flow.new += i64::from(row.experience_years == Some(0));
    }
    let counted_now = || staff.iter().filter(|row| row.year == year && row.is_counted());
    let teaching: BTreeSet<i64> = counted_now().map(|row| row.tid.to_i64()).collect();
    let mut left: BTreeMap<(Bin, i64), &Staff> = BTreeMap::new();
    for row in staff.iter().filter(|row| row.year == year && row.is_teacher && row.is_main_job) {
        let has_left = row.left_reason.is_some_and(|reason| reason != LeftReason::Transfer);
        if has_left && !teaching.contains(&row.tid.to_i64()) {
            left.insert((row.org_bin, row.tid.to_i64()), row);
        }
    }
    let leavers = left.values().filter(|row| in_cell(row) && has_both(row.org_bin));
    flow.leavers = leavers.map(|_| 1).sum();
    Some(flow)
}

/// TCH-07: who left the profession over the teachers of the year before.
pub(super) fn leaving(selection: &Selection<'_>) -> Option<Fraction> {
    flow(selection).map(|flow| Fraction::of(flow.leavers, flow.base))
}

/// TCH-07 from stocks: before and new, less now, over before.
pub(super) fn net_loss(selection: &Selection<'_>) -> Option<Fraction> {
    flow(selection).map(|flow| Fraction::of(flow.before + flow.new - flow.now, flow.before))
}
