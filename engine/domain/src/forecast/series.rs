//! Forecast of one series by the method that has done best on it.
//!
//! Owns the methods, their rolling-origin backtest and the choice. The caller passes
//! years that can be compared; a gap ends the stretch.

use super::interval::{Bounds, Miss, Step, spread, step};
use super::smoothing::{self, Shape};

/// Fewest years a forecast is made from.
pub const LEAST_POINTS: usize = 5;
/// Fewest years that an earlier origin in the backtest has behind it.
const LEAST_TRAINING: usize = 3;

/// How the future is drawn from the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// As the last year.
    Naive,
    /// The mean change goes on.
    Drift,
    /// The smoothed change goes on and fades.
    DampedTrend,
    /// Exponential smoothing, level or trend or damped trend by the corrected Akaike criterion.
    Ets,
}

impl Method {
    /// Simplest first: of equal ones the first is taken.
    pub const ALL: [Self; 4] = [Self::Naive, Self::Drift, Self::DampedTrend, Self::Ets];

    /// Name in `mart.forecast`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Drift => "drift",
            Self::DampedTrend => "damped_trend",
            Self::Ets => "ets",
        }
    }

    /// Values of the years after the last; `None` from too few values.
    #[must_use]
    pub fn values(self, past: &[f64], horizon: u32) -> Option<Vec<f64>> {
        let (first, last) = (*past.first()?, *past.last()?);
        let years = 1..=horizon;
        match self {
            Self::Naive => Some(years.map(|_| last).collect()),
            Self::Drift => {
                let steps = f64::from(u32::try_from(past.len() - 1).ok().filter(|steps| *steps > 0)?);
                Some(years.map(|ahead| last + f64::from(ahead) * (last - first) / steps).collect())
            }
            Self::DampedTrend => {
                let fitted = smoothing::fit(past, Shape::Damped)?;
                Some(years.map(|ahead| fitted.ahead(ahead)).collect())
            }
            Self::Ets => {
                let fitted = smoothing::automatic(past)?;
                Some(years.map(|ahead| fitted.ahead(ahead)).collect())
            }
        }
    }

    /// What the method would have missed from every earlier origin.
    fn trials(self, values: &[f64], horizon: u32) -> Option<Vec<Trial>> {
        let mut trials = Vec::new();
        for origin in LEAST_TRAINING..values.len() {
            let expected = self.values(&values[..origin], horizon)?;
            for ((ahead, expected), (known, value)) in
                (1..).zip(expected).zip((origin + 1..).zip(&values[origin..]))
            {
                trials.push(Trial { origin, known, miss: Miss { ahead, error: value - expected } });
            }
        }
        Some(trials)
    }
}

/// One forecast of the backtest.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Trial {
    /// Values known when it was made.
    origin: usize,
    /// Values known when it could be judged.
    known: usize,
    miss: Miss,
}

/// The method with the least mean absolute error of what could be judged when `known` values were known.
fn choose(trials: &[(Method, Vec<Trial>)], known: usize) -> Option<(Method, f64)> {
    let mut best: Option<(Method, f64)> = None;
    for (method, trials) in trials {
        let errors: Vec<f64> =
            trials.iter().filter(|trial| trial.known <= known).map(|trial| trial.miss.error.abs()).collect();
        let count = f64::from(u32::try_from(errors.len()).ok().filter(|count| *count > 0)?);
        let error = errors.iter().sum::<f64>() / count;
        if best.is_none_or(|(_, least)| error < least) {
            best = Some((*method, error));
        }
    }
    best
}

/// What the whole procedure would have missed: at each origin the method chosen by what was known then.
///
/// The errors of the method that turned out best are too small: it is the best because they are.
fn procedure(trials: &[(Method, Vec<Trial>)], count: usize) -> Vec<Miss> {
    let mut misses = Vec::new();
    for origin in LEAST_TRAINING..count {
        let method = choose(trials, origin).map_or(Method::Naive, |(method, _)| method);
        let of_method = trials.iter().find(|(other, _)| *other == method);
        let of_origin = of_method.into_iter().flat_map(|(_, trials)| trials);
        misses.extend(of_origin.filter(|trial| trial.origin == origin).map(|trial| trial.miss));
    }
    misses
}

/// The forecast of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The method that missed least.
    pub method: Method,
    /// Last year known.
    pub origin_year: i32,
    /// Mean absolute error of its backtest, over all origins and years ahead.
    pub backtest_error: f64,
    /// One entry a year ahead.
    pub steps: Vec<Step>,
}

/// Forecast of yearly values for `horizon` years.
///
/// Of a series with gaps the stretch after the last gap counts. `None` from fewer than
/// [`LEAST_POINTS`] years of it.
#[must_use]
pub fn forecast(points: &[(i32, f64)], horizon: u32, bounds: Bounds) -> Option<Forecast> {
    let stretch = last_stretch(points);
    let origin_year = stretch.last()?.0;
    let values: Vec<f64> = stretch.iter().map(|point| point.1).collect();
    if values.len() < LEAST_POINTS {
        return None;
    }
    let trials: Vec<(Method, Vec<Trial>)> = Method::ALL
        .into_iter()
        .map(|method| Some((method, method.trials(&values, horizon)?)))
        .collect::<Option<_>>()?;
    let (method, backtest_error) = choose(&trials, values.len())?;
    let spread = spread(&procedure(&trials, values.len()))?;
    let steps = (1..)
        .zip(method.values(&values, horizon)?)
        .map(|(ahead, value)| step(ahead, value, spread, bounds))
        .collect();
    Some(Forecast { method, origin_year, backtest_error, steps })
}

/// Points in order of the year, from after the last missing year on.
fn last_stretch(points: &[(i32, f64)]) -> Vec<(i32, f64)> {
    let mut points: Vec<(i32, f64)> = points.iter().copied().filter(|point| point.1.is_finite()).collect();
    points.sort_by_key(|point| point.0);
    let start = points.windows(2).rposition(|pair| pair[1].0 != pair[0].0 + 1).map_or(0, |gap| gap + 1);
    points.split_off(start)
}

/// Forecasts of a past that is known, and how many of their intervals held the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Years forecast.
    pub trials: u32,
    /// Within the 80 % interval.
    pub inside_80: u32,
    /// Within the 95 % interval.
    pub inside_95: u32,
}

/// How the intervals of a series would have fared: at every year from the fifth on the whole procedure is
/// run on what was known then.
#[must_use]
pub fn coverage(points: &[(i32, f64)], horizon: u32, bounds: Bounds) -> Coverage {
    let stretch = last_stretch(points);
    let mut found = Coverage::default();
    for origin in LEAST_POINTS..stretch.len() {
        let Some(forecast) = forecast(&stretch[..origin], horizon, bounds) else { continue };
        for (step, (_, truth)) in forecast.steps.iter().zip(&stretch[origin..]) {
            found.trials += 1;
            found.inside_80 += u32::from((step.lo80..=step.hi80).contains(truth));
            found.inside_95 += u32::from((step.lo95..=step.hi95).contains(truth));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    fn points(values: &[f64]) -> Vec<(i32, f64)> {
        (2010..).zip(values.iter().copied()).collect()
    }

    #[test]
    fn a_line_is_drawn_on() {
        let line = points(&[10.0, 12.0, 14.0, 16.0, 18.0, 20.0]);
        let found = forecast(&line, 3, Bounds::default()).unwrap();
        assert_eq!((found.method, found.origin_year), (Method::Drift, 2015));
        assert!((found.steps[2].value - 26.0).abs() < 1e-9);
        assert!(found.backtest_error < 1e-9);
    }

    #[test]
    fn what_does_not_move_stays() {
        let found = forecast(&points(&[5.0; 6]), 2, Bounds::default()).unwrap();
        assert_eq!(found.method, Method::Naive);
        assert!((found.steps[1].hi95 - 5.0).abs() < 1e-12);
    }

    #[test]
    fn never_from_fewer_than_five_years_nor_across_a_gap() {
        assert_eq!(forecast(&points(&[1.0, 2.0, 3.0, 4.0]), 3, Bounds::default()), None);
        let mut gap = points(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        gap.remove(3);
        assert_eq!(forecast(&gap, 3, Bounds::default()), None);
    }

    #[test]
    fn the_backtest_worked_by_hand() {
        // Naive on 1, 3, 2, 4, 6 from origins 3 and 4, two years ahead: 4 - 2, 6 - 2, 6 - 4.
        let trials = Method::Naive.trials(&[1.0, 3.0, 2.0, 4.0, 6.0], 2).unwrap();
        let errors: Vec<f64> = trials.iter().map(|trial| trial.miss.error).collect();
        assert!(errors.iter().zip([2.0, 4.0, 2.0]).all(|(found, expected)| (found - expected).abs() < 1e-12));
        assert_eq!(errors.len(), 3);
    }

    proptest! {
        #[test]
        fn shares_stay_shares(values in prop::collection::vec(0.0_f64..100.0, 5..15), horizon in 1_u32..6) {
            let bounds = Bounds { lower: Some(0.0), upper: Some(100.0) };
            let found = forecast(&points(&values), horizon, bounds).unwrap();
            prop_assert_eq!(found.steps.len(), horizon as usize);
            for step in found.steps {
                prop_assert!(step.lo95 >= 0.0 && step.hi95 <= 100.0);
                prop_assert!(step.lo80 <= step.value && step.value <= step.hi80);
            }
        }

        #[test]
        fn order_of_the_points_does_not_matter(values in prop::collection::vec(-9.0_f64..9.0, 5..12)) {
            let forward = points(&values);
            let mut backward = forward.clone();
            backward.reverse();
            let bounds = Bounds::default();
            prop_assert_eq!(forecast(&forward, 3, bounds), forecast(&backward, 3, bounds));
        }

        #[test]
        fn a_later_truth_changes_no_earlier_forecast(values in prop::collection::vec(0.0_f64..9.0, 6..12)) {
            let known = forecast(&points(&values[..5]), 1, Bounds::default()).unwrap();
            let trial = coverage(&points(&values[..6]), 1, Bounds::default());
            let is_inside = (known.steps[0].lo80..=known.steps[0].hi80).contains(&values[5]);
            prop_assert_eq!((trial.trials, trial.inside_80), (1, u32::from(is_inside)));
        }
    }
}
