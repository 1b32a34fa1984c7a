//! Enrolment by grade progression with a cohort component.
//!
//! Owns the movement: pupils of a grade become pupils of the next in the proportion
//! of recent years, children of a single age become children a year older likewise,
//! and those of entry age enter the first grade in the proportion of recent years.
//! Schools are taken as they are: no policy, no building. It does not know where the
//! counts come from.

use std::collections::{BTreeMap, BTreeSet};

use super::interval::{Bounds, Miss, Step, spread, step};
use super::series::LEAST_POINTS;

/// Latest year-to-year moves that make a proportion.
const MOVES: usize = 3;
/// Fewest years that an earlier origin in the backtest has behind it.
const LEAST_TRAINING: usize = 3;

/// Counts by year and grade, or by year and single age.
pub type Counts = BTreeMap<(i32, i32), f64>;

/// The forecast of a grade, or of all grades.
#[derive(Debug, Clone, PartialEq)]
pub struct GradeForecast {
    /// The grade; `None` for all of them together.
    pub grade: Option<i32>,
    /// Last year known.
    pub origin_year: i32,
    /// Mean absolute error of the backtest.
    pub backtest_error: f64,
    /// One entry a year ahead.
    pub steps: Vec<Step>,
}

/// Enrolment by grade for `horizon` years, each grade and the total.
///
/// `population` may end before or after the enrolment; without any, the last intake enters again. Empty
/// from fewer than [`LEAST_POINTS`] consecutive years.
///
/// # Source
/// UNESCO UIS and IIEP, projection of enrolment by the grade-transition method.
#[must_use]
pub fn project(enrolment: &Counts, population: &Counts, entry_age: i32, horizon: u32) -> Vec<GradeForecast> {
    let years = consecutive(enrolment);
    let Some(&origin_year) = years.last().filter(|_| years.len() >= LEAST_POINTS) else { return Vec::new() };
    let known = from_year(enrolment, years[0]);
    let future = moved(&known, population, origin_year, entry_age, horizon);
    let misses = misses(&known, population, &years, entry_age, horizon);
    let mut targets: Vec<Option<i32>> = grades(&known).into_iter().map(Some).collect();
    targets.push(None);
    let bounds = Bounds { lower: Some(0.0), upper: None };
    targets
        .into_iter()
        .filter_map(|grade| {
            let misses = &misses[&grade];
            let (spread, count) = (spread(misses)?, f64::from(u32::try_from(misses.len()).ok()?));
            let steps = (1..=horizon).map(|ahead| {
                step(ahead, of(&future, origin_year.saturating_add_unsigned(ahead), grade), spread, bounds)
            });
            let backtest_error = misses.iter().map(|miss| miss.error.abs()).sum::<f64>() / count;
            Some(GradeForecast { grade, origin_year, backtest_error, steps: steps.collect() })
        })
        .collect()
}

/// The last run of years without a gap.
fn consecutive(counts: &Counts) -> Vec<i32> {
    let years: BTreeSet<i32> = counts.keys().map(|key| key.0).collect();
    let years: Vec<i32> = years.into_iter().collect();
    let start = years.windows(2).rposition(|pair| pair[1] != pair[0] + 1).map_or(0, |gap| gap + 1);
    years[start..].to_vec()
}

fn from_year(counts: &Counts, first: i32) -> Counts {
    counts.iter().filter(|(key, _)| key.0 >= first).map(|(key, count)| (*key, *count)).collect()
}

fn until(counts: &Counts, last: i32) -> Counts {
    counts.iter().filter(|(key, _)| key.0 <= last).map(|(key, count)| (*key, *count)).collect()
}

fn grades(counts: &Counts) -> BTreeSet<i32> {
    counts.keys().map(|key| key.1).collect()
}

fn of(counts: &Counts, year: i32, grade: Option<i32>) -> f64 {
    match grade {
        Some(grade) => counts.get(&(year, grade)).copied().unwrap_or(0.0),
        None => counts.range((year, i32::MIN)..=(year, i32::MAX)).map(|(_, count)| count).sum(),
    }
}

/// What the same procedure would have missed from earlier years, by grade and in total.
///
/// Of the population only what was known then counts.
fn misses(
    enrolment: &Counts,
    population: &Counts,
    years: &[i32],
    entry_age: i32,
    horizon: u32,
) -> BTreeMap<Option<i32>, Vec<Miss>> {
    let mut targets: Vec<Option<i32>> = grades(enrolment).into_iter().map(Some).collect();
    targets.push(None);
    let mut misses: BTreeMap<Option<i32>, Vec<Miss>> =
        targets.iter().map(|target| (*target, Vec::new())).collect();
    for (index, &origin) in years.iter().enumerate().skip(LEAST_TRAINING - 1) {
        let expected =
            moved(&until(enrolment, origin), &until(population, origin), origin, entry_age, horizon);
        for (ahead, year) in (1..=horizon).zip(&years[index + 1..]) {
            for target in &targets {
                let error = of(enrolment, *year, *target) - of(&expected, *year, *target);
                misses.entry(*target).or_default().push(Miss { ahead, error });
            }
        }
    }
    misses
}

/// The years after `origin`.
fn moved(enrolment: &Counts, population: &Counts, origin: i32, entry_age: i32, horizon: u32) -> Counts {
    let mut state = enrolment.clone();
    let mut children = population.clone();
    let grades = grades(enrolment);
    for year in (1..=horizon).map(|ahead| origin.saturating_add_unsigned(ahead)) {
        // Children of entry age, a year older than they were, unless they have been counted.
        for age in 1..=entry_age {
            if !children.contains_key(&(year, age)) {
                let grown = children.get(&(year - 1, age - 1)).copied();
                if let Some((count, ratio)) = grown.zip(ratio(population, origin, age - 1, age)) {
                    children.insert((year, age), count * ratio);
                }
            }
        }
        for &grade in &grades {
            let before = grades.range(..grade).next_back().copied();
            let count = match before {
                Some(before) => {
                    of(&state, year - 1, Some(before))
                        * ratio(enrolment, origin, before, grade).unwrap_or(1.0)
                }
                None => match (
                    children.get(&(year, entry_age)),
                    intake(enrolment, population, origin, grade, entry_age),
                ) {
                    (Some(children), Some(share)) => children * share,
                    _ => of(&state, origin, Some(grade)),
                },
            };
            state.insert((year, grade), count);
        }
    }
    from_year(&state, origin + 1)
}

/// Those of `to` in a year over those of `from` the year before, over the latest moves up to `origin`.
fn ratio(counts: &Counts, origin: i32, from: i32, to: i32) -> Option<f64> {
    let moves = (0..).map(|back| origin - back).take(MOVES);
    let pairs: Vec<(f64, f64)> =
        moves.filter_map(|year| Some((*counts.get(&(year - 1, from))?, *counts.get(&(year, to))?))).collect();
    share(&pairs)
}

/// The first grade over the children of entry age, over the latest years up to `origin`.
fn intake(enrolment: &Counts, population: &Counts, origin: i32, grade: i32, entry_age: i32) -> Option<f64> {
    let years = (0..).map(|back| origin - back).take(MOVES);
    let pairs: Vec<(f64, f64)> = years
        .filter_map(|year| Some((*population.get(&(year, entry_age))?, *enrolment.get(&(year, grade))?)))
        .collect();
    share(&pairs)
}

fn share(pairs: &[(f64, f64)]) -> Option<f64> {
    let (from, to) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    (from > 0.0).then(|| to / from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    fn counts(rows: &[(i32, &[f64])]) -> Counts {
        let row = |(year, values): &(i32, &[f64])| {
            let year = *year;
            (1..)
                .zip(values.iter().copied())
                .map(move |(key, count)| ((year, key), count))
                .collect::<Vec<_>>()
        };
        rows.iter().flat_map(row).collect()
    }

    #[test]
    fn worked_by_hand() {
        // Two grades; of grade 1 nine in ten go on: 100 -> 90. Entry at 2, of 100 children 80 enter; 95 of 100 aged 1 are
        // counted at 2 a year later. 2024: grade 1 = 0.8 x 0.95 x 200 = 152, grade 2 = 0.9 x 80 = 72.
        let years = 2019..=2023;
        let enrolment: Vec<(i32, &[f64])> =
            years.clone().map(|year| (year, [80.0, 72.0].as_slice())).collect();
        let mut population = counts(&years.map(|year| (year, [100.0, 100.0].as_slice())).collect::<Vec<_>>());
        for year in 2020..=2023 {
            population.insert((year - 1, 1), 100.0 / 0.95);
        }
        population.insert((2023, 1), 200.0);
        let found = project(&counts(&enrolment), &population, 2, 2);
        let value = |grade: Option<i32>, ahead: usize| {
            found.iter().find(|one| one.grade == grade).unwrap().steps[ahead - 1].value
        };
        assert!((value(Some(1), 1) - 152.0).abs() < 1e-9);
        assert!((value(Some(2), 1) - 72.0).abs() < 1e-9);
        assert!((value(None, 1) - 224.0).abs() < 1e-9);
        // 2025: nobody of age 0 is counted, the children of 2024 are not known again: the last intake enters.
        assert!((value(Some(2), 2) - 0.9 * 152.0).abs() < 1e-9);
        assert!((value(Some(1), 2) - 80.0).abs() < 1e-9);
        assert_eq!(found[0].origin_year, 2023);
    }

    #[test]
    fn never_from_fewer_than_five_years() {
        let four: Vec<(i32, &[f64])> = (2020..2024).map(|year| (year, [5.0, 5.0].as_slice())).collect();
        assert!(project(&counts(&four), &Counts::new(), 6, 3).is_empty());
        assert!(project(&Counts::new(), &Counts::new(), 6, 3).is_empty());
    }

    proptest! {
        #[test]
        fn grades_add_up_to_the_total(
            rows in prop::collection::vec(prop::collection::vec(1.0_f64..500.0, 4), 5..9), horizon in 1_u32..5
        ) {
            let rows: Vec<(i32, &[f64])> =
                (2015..).zip(&rows).map(|(year, row)| (year, row.as_slice())).collect();
            let found = project(&counts(&rows), &Counts::new(), 6, horizon);
            prop_assert_eq!(found.len(), 5);
            let total = found.iter().find(|one| one.grade.is_none()).unwrap();
            for (index, step) in total.steps.iter().enumerate() {
                let sum: f64 =
                    found.iter().filter(|one| one.grade.is_some()).map(|one| one.steps[index].value).sum();
                prop_assert!((sum - step.value).abs() < 1e-6 * (1.0 + sum));
            }
        }

        #[test]
        fn what_everybody_passes_stays(size in 1.0_f64..1000.0) {
            let row = [size; 4];
            let rows: Vec<(i32, &[f64])> = (2015..2022).map(|year| (year, row.as_slice())).collect();
            for one in project(&counts(&rows), &Counts::new(), 6, 3) {
                let expected = if one.grade.is_some() { size } else { 4.0 * size };
                prop_assert!(one.steps.iter().all(|step| (step.value - expected).abs() < 1e-9 * expected));
            }
        }
    }
}
