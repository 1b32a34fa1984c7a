//! Prediction intervals from what earlier forecasts missed.
//!
//! Owns how errors of a rolling-origin backtest become intervals. It does not know
//! how the forecasts were made.

use crate::distribution::student_quantile;

/// Values that the truth can take; a share stays within 0 and 100.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Least.
    pub lower: Option<f64>,
    /// Greatest.
    pub upper: Option<f64>,
}

impl Bounds {
    /// The value, moved to the nearest possible one.
    #[must_use]
    pub fn hold(self, value: f64) -> f64 {
        let value = self.lower.map_or(value, |lower| value.max(lower));
        self.upper.map_or(value, |upper| value.min(upper))
    }
}

/// A forecast of one year with its intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Years after the last known one, from 1.
    pub ahead: u32,
    /// The forecast.
    pub value: f64,
    /// Lower end of the 80 % interval.
    pub lo80: f64,
    /// Its upper end.
    pub hi80: f64,
    /// Lower end of the 95 % interval.
    pub lo95: f64,
    /// Its upper end.
    pub hi95: f64,
}

/// What a forecast from an earlier origin missed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Miss {
    /// Years ahead.
    pub ahead: u32,
    /// Truth less forecast.
    pub error: f64,
}

/// Standard deviation of an error one year ahead, and the origins it rests on; `None` without a miss.
///
/// Errors of all horizons count, each divided by how much errors have grown by then.
#[must_use]
pub fn spread(misses: &[Miss]) -> Option<(f64, u32)> {
    let squares: f64 = misses.iter().map(|miss| (miss.error / growth(miss.ahead)).powi(2)).sum();
    let count = u32::try_from(misses.len()).ok().filter(|count| *count > 0)?;
    let origins = u32::try_from(misses.iter().filter(|miss| miss.ahead == 1).count()).ok()?;
    Some(((squares / f64::from(count)).sqrt(), origins.max(1)))
}

/// The step with its intervals: Student's, with as many degrees of freedom as there were origins.
#[must_use]
pub fn step(ahead: u32, value: f64, spread: (f64, u32), bounds: Bounds) -> Step {
    let half = |probability: f64| {
        let t = student_quantile(probability, spread.1).unwrap_or(f64::INFINITY);
        t * spread.0 * growth(ahead)
    };
    let (near, far) = (half(0.9), half(0.975));
    Step {
        ahead,
        value: bounds.hold(value),
        lo80: bounds.hold(value - near),
        hi80: bounds.hold(value + near),
        lo95: bounds.hold(value - far),
        hi95: bounds.hold(value + far),
    }
}

/// How the error of a forecast grows: in proportion to the years ahead, as that of a wrong trend does.
///
/// The root of the years, right for a random walk, is too little for enrolment: `mart.forecast_coverage`
/// over the published series by region shows it.
fn growth(ahead: u32) -> f64 {
    f64::from(ahead)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn worked_by_hand() {
        // Misses 3 and -4 one year ahead: sqrt((9 + 16) / 2) = 3.535534, two origins: t = 1.885618 and 4.302653.
        let spread = spread(&[Miss { ahead: 1, error: 3.0 }, Miss { ahead: 1, error: -4.0 }]).unwrap();
        assert!((spread.0 - 12.5_f64.sqrt()).abs() < 1e-12 && spread.1 == 2);
        let step = step(1, 10.0, spread, Bounds { lower: Some(0.0), upper: None });
        assert!((step.hi80 - (10.0 + 12.5_f64.sqrt() * 1.885_618_083)).abs() < 1e-6);
        assert!((step.hi95 - (10.0 + 12.5_f64.sqrt() * 4.302_652_73)).abs() < 1e-5);
        assert!(step.lo95.abs() < 1e-12, "not below zero");
    }

    #[test]
    fn without_a_miss_there_is_no_spread() {
        assert_eq!(spread(&[]), None);
    }

    proptest! {
        #[test]
        fn intervals_are_nested_and_stay_in_bounds(
            value in -50.0_f64..150.0, spread in 0.0_f64..80.0, origins in 1_u32..20, ahead in 1_u32..6
        ) {
            let bounds = Bounds { lower: Some(0.0), upper: Some(100.0) };
            let step = step(ahead, value, (spread, origins), bounds);
            let ordered = [0.0, step.lo95, step.lo80, step.value, step.hi80, step.hi95, 100.0];
            prop_assert!(ordered.is_sorted(), "{:?}", ordered);
        }
    }
}
