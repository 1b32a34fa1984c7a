//! FIN: expenditure as published, and the learners it was spent on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::cell::{Cell, UnitSet};
use super::ready::whole;
use super::select::{Except, Selection, count};
use crate::dimension::Ownership;
use crate::ids::Kato;
use crate::level::{Composite, LevelCode};
use crate::records::{Aggregate, RepublicOr};
use crate::year::Year;

/// Which published number.
struct Asked<'a> {
    series: &'a str,
    year: Year,
    level: LevelCode,
    ownership: Option<Ownership>,
    kato: RepublicOr,
}

const ALL: LevelCode = LevelCode::Composite(Composite::All);

/// The number in the edition published last, then of the first publisher, then of the last edition.
fn published(selection: &Selection<'_>, asked: &Asked<'_>) -> Option<f64> {
    let rows = selection.records.aggregates.iter();
    let of_cell = rows.filter(|row| {
        row.series == asked.series
            && row.year == asked.year
            && row.level == asked.level
            && row.ownership.0 == asked.ownership
            && row.kato == asked.kato
            && row.is_total()
    });
    let order =
        |row: &&Aggregate| (Reverse(row.published_on), row.publisher.clone(), Reverse(row.edition.clone()));
    let row = of_cell.min_by_key(order)?;
    let unit = if row.unit == "kzt_million" { 1e6 } else { 1.0 };
    row.value.map(|value| whole(value) * unit)
}

/// The unit of the cell, which budgets have from the district up.
fn kato(cell: &Cell) -> Option<RepublicOr> {
    match cell.units {
        UnitSet::Republic => Some(RepublicOr(None)),
        UnitSet::Region(region) => region.kato().map(|kato| RepublicOr(Some(kato))),
        UnitSet::District(district) => Some(RepublicOr(Some(district))),
        UnitSet::Organisation(_) => None,
    }
}

/// A series of the cell's unit and level.
fn amount(selection: &Selection<'_>, series: &str) -> Option<f64> {
    let (year, level) = (selection.year(), selection.cell.level);
    published(selection, &Asked { series, year, level, ownership: None, kato: kato(selection.cell)? })
}

/// FIN-01, FIN-02, FIN-05: one series over another, percent.
pub(super) fn share(selection: &Selection<'_>, part: &str, of: &str) -> Option<f64> {
    Some(100.0 * amount(selection, part)? / amount(selection, of).filter(|of| *of != 0.0)?)
}

/// Mean learners of the budget year.
fn mean_learners(selection: &Selection<'_>) -> Option<f64> {
    let year = selection.year();
    let rows = selection.records.pupils.iter().filter(|row| row.year == year);
    let everybody: BTreeSet<_> = rows.map(|row| row.org_bin).collect();
    let now = count(&selection.learners_except(year, &everybody, Except::default()));
    if now == 0 {
        return None;
    }
    let before = selection.learners_before(Except::default()).map_or(0, |rows| count(&rows));
    if before == 0 {
        return Some(whole(now));
    }
    let months = f64::from(selection.parameters.budget_months_of_last_autumn);
    Some((months * whole(before) + (12.0 - months) * whole(now)) / 12.0)
}

/// FIN-03: current expenditure over mean learners.
pub(super) fn per_learner(selection: &Selection<'_>) -> Option<f64> {
    Some(amount(selection, "expenditure_current")? / mean_learners(selection)?)
}

/// FIN-03 in prices of the base year, by the price index of the republic.
pub(super) fn per_learner_in_constant_prices(selection: &Selection<'_>) -> Option<f64> {
    let price = |year| {
        let asked = Asked { series: "cpi", year, level: ALL, ownership: None, kato: RepublicOr(None) };
        published(selection, &asked)
    };
    let base = price(Year::try_from(selection.parameters.price_base_year).ok()?)?;
    Some(per_learner(selection)? * base / price(selection.year()).filter(|index| *index != 0.0)?)
}

/// FIN-04: FIN-03 over the product per inhabitant, percent.
pub(super) fn per_learner_of_product(selection: &Selection<'_>) -> Option<f64> {
    let (year, kato) = (selection.year(), kato(selection.cell)?);
    let asked = Asked { series: "grp_per_capita", year, level: ALL, ownership: None, kato };
    let product = published(selection, &asked).filter(|product| *product != 0.0)?;
    Some(100.0 * per_learner(selection)? / product)
}

/// FIN-06: deviation of FIN-03 over districts to its mean, both weighted by learners.
pub(super) fn inequality(selection: &Selection<'_>) -> Option<f64> {
    let rows = selection.records.aggregates.iter();
    let districts: BTreeSet<Kato> = rows
        .filter(|row| row.year == selection.year())
        .filter_map(|row| row.kato.0)
        .filter(|kato| !kato.is_region())
        .filter(|kato| match selection.cell.units {
            UnitSet::Region(region) => kato.region() == region,
            _ => true,
        })
        .collect();
    let mut spent: BTreeMap<Kato, (f64, f64)> = BTreeMap::new();
    for district in districts {
        let cell = Cell { units: UnitSet::District(district), ..selection.cell.clone() };
        let of_district = Selection::new(&cell, selection.records, selection.parameters);
        let amount = amount(&of_district, "expenditure_current");
        if let (Some(amount), Some(learners)) = (amount, mean_learners(&of_district)) {
            spent.insert(district, (amount, learners));
        }
    }
    if spent.len() < 2 {
        return None;
    }
    let (total, learners) =
        spent.values().fold((0.0, 0.0), |(all, of), (amount, learners)| (all + amount, of + learners));
    let mean = total / learners;
    let variance: f64 =
        spent.values().map(|(amount, weight)| weight / learners * (amount / weight - mean).powi(2)).sum();
    (mean > 0.0).then(|| variance.sqrt() / mean)
}

/// FIN-07: state order payments to private organisations over all of them, percent.
pub(super) fn private_state_order(selection: &Selection<'_>) -> Option<f64> {
    let payments = |ownership| {
        let (year, level) = (selection.year(), selection.cell.level);
        let asked =
            Asked { series: "state_order_payments", year, level, ownership, kato: kato(selection.cell)? };
        published(selection, &asked)
    };
    Some(100.0 * payments(Some(Ownership::Private))? / payments(None).filter(|all| *all != 0.0)?)
}

/// TCH-09: mean wage of teachers over the mean wage in the economy of the same territory, both of one edition.
pub(super) fn relative_salary(selection: &Selection<'_>) -> Option<f64> {
    let kato = kato(selection.cell)?;
    let wages = |series: &str, level: LevelCode| -> Vec<&Aggregate> {
        let rows = selection.records.aggregates.iter().filter(|row| {
            row.series == series
                && row.year == selection.year()
                && row.level == level
                && row.kato == kato
                && row.is_total()
                && row.ownership.0.is_none()
                && row.value.is_some()
        });
        rows.collect()
    };
    let economy = wages("mean_wage", ALL);
    let pairs = wages("mean_wage_teachers", selection.cell.level).into_iter().filter_map(|teachers| {
        let beside =
            |row: &&&Aggregate| row.publisher == teachers.publisher && row.edition == teachers.edition;
        Some((teachers, *economy.iter().find(beside)?))
    });
    let (teachers, economy) = pairs.min_by_key(|(row, _)| {
        (Reverse(row.published_on), row.publisher.clone(), Reverse(row.edition.clone()))
    })?;
    Some(whole(teachers.value?) / whole(economy.value.filter(|wage| *wage != 0)?))
}
