//! ACC-07, CON-08, INF-06, EQT-04, TVE-03, TVE-04: what learners are given, and what becomes of graduates.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::Months;

use super::Fraction;
use super::cell::{UnitSet, matches};
use super::select::{Except, Selection, count, count_if};
use crate::ids::{Bin, Kato, RegionCode};
use crate::level::{Level, LevelCode};
use crate::pseudonym::Pseudonym;
use crate::records::{Aggregate, Application, Circle, Form, MealKind, QueueStatus, TveGraduate};

/// Regions of the territory, in order; a district has none.
fn is_region_of(selection: &Selection<'_>, region: RegionCode) -> bool {
    match selection.cell.units {
        UnitSet::Republic => true,
        UnitSet::Region(asked) => asked == region,
        _ => false,
    }
}

/// ACC-07: children who wait without a place over population of their ages, in regions that report a queue.
pub(super) fn queue(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let ages = selection.parameters.queue_ages;
    let rows = selection.records.applications.iter();
    let mut regions: BTreeMap<RegionCode, BTreeMap<Pseudonym, Vec<&Application>>> = BTreeMap::new();
    for row in rows.filter(|row| row.year == year && is_region_of(selection, row.district.region())) {
        let region = regions.entry(row.district.region()).or_default();
        region.entry(row.pid).or_default().push(row);
    }
    let sex = selection.cell.by.sex;
    let is_of_cell = |row: &&Application| {
        ages.contains(row.birth.age_on_first_september(year)) && matches(sex.as_ref(), &row.sex)
    };
    let population = selection.population(ages);
    let mut share = Fraction::of(0, 0);
    for (region, children) in &regions {
        let Some(of_region) = region.kato().and_then(|kato| population.get(&kato)) else { continue };
        let waiting = children.values().filter(|rows| {
            let is_placed = rows.iter().any(|row| has_place(row));
            rows.iter().any(is_of_cell) && !is_placed && rows.iter().any(|row| waits(row))
        });
        share.numerator += waiting.map(|_| 1).sum::<i64>();
        share.denominator = share.denominator.map(|all| all + of_region);
    }
    (!regions.is_empty()).then_some(share)
}

/// Whether an application waits on 1 October.
fn waits(row: &Application) -> bool {
    let day = row.year.fixing_date();
    let has_no_answer = row.directed_on.is_none_or(|directed| directed > day);
    row.status != QueueStatus::Withdrawn && row.applied_on <= day && has_no_answer
}

/// Whether an application has led to a place by 1 October.
fn has_place(row: &Application) -> bool {
    let is_answered = matches!(row.status, QueueStatus::Directed | QueueStatus::Enrolled);
    is_answered && row.directed_on.is_some_and(|directed| directed <= row.year.fixing_date())
}

/// CON-08: pupils who attend at least one activity over learners.
pub(super) fn additional_education(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let by = &selection.cell.by;
    let reporters = selection.reporters(year, &[Form::Pupil, Form::Activity])?;
    let learners = selection.learners(year, &reporters);
    let attended = selection.records.activities.iter().filter(|row| {
        row.year == year
            && row.circle != Circle::None
            && reporters.contains(&row.org_bin)
            && selection.covers(row.district, row.org_bin)
            && selection.cell.level.includes(row.level)
            && matches(by.sex.as_ref(), &row.sex)
            && matches(by.language.as_ref(), &row.language)
    });
    let attending: BTreeSet<(Bin, Pseudonym)> = attended.map(|row| (row.org_bin, row.pid)).collect();
    Some(Fraction::of(attending.iter().map(|_| 1).sum(), count(&learners)))
}

/// INF-06: pupils of the primary grades fed free of charge over learners of these grades.
pub(super) fn free_meals(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let reporters = selection.reporters(year, &[Form::Pupil, Form::Meal])?;
    let learners = selection.learners(year, &reporters);
    let last = selection.parameters.free_meal_grade;
    let meals = selection.records.meals.iter().filter(|row| {
        row.year == year
            && row.kind == MealKind::Free
            && (1..=last).contains(&row.grade)
            && Level::of_grade(row.grade).is_ok_and(|level| selection.cell.level.includes(level))
            && reporters.contains(&row.org_bin)
            && selection.covers(row.district, row.org_bin)
            && matches(selection.cell.by.grade.as_ref(), &row.grade)
    });
    Some(Fraction::of(meals.map(|row| i64::from(row.pupil_count)).sum(), count(&learners)))
}

/// The number of a series that a region publishes: of the edition published last that has one.
pub(super) fn published_of_region(
    selection: &Selection<'_>,
    series: &str,
    level: LevelCode,
    region: Kato,
) -> Option<i64> {
    let rows = selection.records.aggregates.iter().filter(|row| {
        row.series == series
            && row.year == selection.year()
            && row.level == level
            && row.kato.0 == Some(region)
            && row.is_total()
            && row.ownership.0.is_none()
            && row.value.is_some()
    });
    let order =
        |row: &&Aggregate| (Reverse(row.published_on), row.publisher.clone(), Reverse(row.edition.clone()));
    rows.min_by_key(order).and_then(|row| row.value)
}

/// Regions of the territory about which something is published.
pub(super) fn publishing_regions(selection: &Selection<'_>) -> BTreeSet<Kato> {
    let rows = selection.records.aggregates.iter().filter(|row| row.year == selection.year());
    rows.filter_map(|row| row.kato.0)
        .filter(|kato| kato.is_region() && is_region_of(selection, kato.region()))
        .collect()
}

/// EQT-04: learners with special educational needs over children registered with them, in regions that
/// publish how many these are; no value where nobody reports learners.
pub(super) fn included(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let level = selection.cell.level;
    let reporters = selection.reporters(year, &[Form::Pupil])?;
    let registered: BTreeMap<Kato, i64> = publishing_regions(selection)
        .into_iter()
        .filter_map(|kato| Some((kato, published_of_region(selection, "sen_registered", level, kato)?)))
        .collect();
    let learners = selection.learners_except(year, &reporters, Except::default());
    let included = count_if(&learners, |row| {
        row.has_sen && row.district.region().kato().is_some_and(|region| registered.contains_key(&region))
    });
    (!registered.is_empty()).then(|| Fraction::of(included, registered.values().sum()))
}

/// TVE-03: graduates employed within the months over graduates who should work.
pub(super) fn employed(selection: &Selection<'_>) -> Option<Fraction> {
    let year = selection.year();
    let by = &selection.cell.by;
    let reporters = selection.reporters(year, &[Form::TveGraduate])?;
    let mut graduates: BTreeMap<(Bin, Pseudonym, Level), Vec<&TveGraduate>> = BTreeMap::new();
    for row in selection.records.graduates.iter().filter(|row| {
        row.year == year
            && reporters.contains(&row.org_bin)
            && selection.covers(row.district, row.org_bin)
            && selection.cell.level.includes(row.level)
            && matches(by.sex.as_ref(), &row.sex)
            && matches(by.language.as_ref(), &row.language)
    }) {
        graduates.entry((row.org_bin, row.pid, row.level)).or_default().push(row);
    }
    let months = Months::new(selection.parameters.employment_months);
    let in_time = |row: &&TveGraduate| {
        let last = row.graduated_on.checked_add_months(months);
        row.employed_on.zip(last).is_some_and(|(day, last)| day <= last)
    };
    let is_exempt = |row: &&TveGraduate| row.is_continuing || row.exempt_reason.is_some();
    let mut share = Fraction::of(0, 0);
    for rows in graduates.into_values().filter(|rows| !rows.iter().any(is_exempt)) {
        share.numerator += i64::from(rows.iter().any(in_time));
        share.denominator = share.denominator.map(|all| all + 1);
    }
    Some(share)
}

/// TVE-04: graduates of an outcome, employed if none is named, over graduates, as state statistics count them.
pub(super) fn outcome(selection: &Selection<'_>) -> Option<Fraction> {
    let outcome = selection.cell.by.member.as_deref().unwrap_or("employed");
    let series = format!("tve_graduates_{outcome}");
    let level = selection.cell.level;
    let counted = publishing_regions(selection).into_iter().filter_map(|kato| {
        let graduates = published_of_region(selection, "tve_graduates", level, kato)?;
        Some((published_of_region(selection, &series, level, kato)?, graduates))
    });
    let counted: Vec<(i64, i64)> = counted.collect();
    let of_outcome = counted.iter().map(|(of_outcome, _)| of_outcome).sum();
    (!counted.is_empty()).then(|| Fraction::of(of_outcome, counted.iter().map(|(_, all)| all).sum()))
}
