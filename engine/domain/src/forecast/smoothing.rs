//! Exponential smoothing: level, trend, damped trend (ETS with additive errors).
//!
//! Owns the recursion and the choice of its parameters: the least sum of squared
//! one-step errors on a fixed grid, so that the same series always gives the same
//! model. Series here have five to thirty points: a finer search would fit noise.

/// Smoothing of the level.
const ALPHAS: [f64; 7] = [0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 1.0];
/// Smoothing of the trend, as a share of that of the level.
const BETAS: [f64; 5] = [0.0, 0.1, 0.3, 0.6, 1.0];
/// What is left of the trend each year.
const PHIS: [f64; 3] = [0.8, 0.9, 0.98];

/// Which parts a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// ETS(A,N,N)
    Level,
    /// ETS(A,A,N)
    Trend,
    /// ETS(A,Ad,N)
    Damped,
}

impl Shape {
    /// Parameters, initial states and the variance.
    fn parameters(self) -> u32 {
        match self {
            Self::Level => 3,
            Self::Trend => 5,
            Self::Damped => 6,
        }
    }
}

/// A fitted model at the end of its series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    level: f64,
    trend: f64,
    phi: f64,
    squares: f64,
}

impl Fitted {
    /// The value `steps` years after the last.
    #[must_use]
    pub fn ahead(&self, steps: u32) -> f64 {
        let mut damping = 1.0;
        let mut sum = 0.0;
        for _ in 0..steps {
            damping *= self.phi;
            sum += damping;
        }
        self.level + sum * self.trend
    }
}

/// The best model of a shape; `None` from fewer than three values.
#[must_use]
pub fn fit(values: &[f64], shape: Shape) -> Option<Fitted> {
    if values.len() < 3 {
        return None;
    }
    let one = [1.0];
    let none = [0.0];
    let (betas, phis): (&[f64], &[f64]) = match shape {
        Shape::Level => (&none, &one),
        Shape::Trend => (&BETAS, &one),
        Shape::Damped => (&BETAS, &PHIS),
    };
    let mut best: Option<Fitted> = None;
    for &alpha in &ALPHAS {
        for &beta in betas {
            for &phi in phis {
                let fitted = smooth(values, alpha, alpha * beta, phi, shape);
                if best.is_none_or(|best| fitted.squares < best.squares) {
                    best = Some(fitted);
                }
            }
        }
    }
    best
}

/// The shape with the least corrected Akaike criterion, and its model.
///
/// # Source
/// Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 8.6.
#[must_use]
pub fn automatic(values: &[f64]) -> Option<Fitted> {
    let n = f64::from(u32::try_from(values.len()).ok()?);
    let criterion = |fitted: &Fitted, shape: Shape| {
        let k = f64::from(shape.parameters());
        // A perfect fit has no logarithm; the smallest number stands for it.
        let fit = n * (fitted.squares / n).max(f64::MIN_POSITIVE).ln();
        if n - k - 1.0 > 0.0 { fit + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0) } else { f64::INFINITY }
    };
    let mut best: Option<(f64, Fitted)> = None;
    for shape in [Shape::Level, Shape::Trend, Shape::Damped] {
        let fitted = fit(values, shape)?;
        let score = criterion(&fitted, shape);
        if best.is_none_or(|(least, _)| score < least) {
            best = Some((score, fitted));
        }
    }
    best.map(|(_, fitted)| fitted)
}

/// The recursion: the state starts at the first value and the mean of the first steps.
fn smooth(values: &[f64], alpha: f64, beta: f64, phi: f64, shape: Shape) -> Fitted {
    let early = values.len().min(4) - 1;
    let steps = f64::from(u32::try_from(early).unwrap_or(1));
    let mut state = Fitted {
        level: values[0],
        trend: if shape == Shape::Level { 0.0 } else { (values[early] - values[0]) / steps },
        phi,
        squares: 0.0,
    };
    for value in &values[1..] {
        let expected = state.level + phi * state.trend;
        let error = value - expected;
        state.level = expected + alpha * error;
        state.trend = phi * state.trend + beta * error;
        state.squares += error * error;
    }
    state
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn a_line_goes_on() {
        let line: Vec<f64> = (0..8).map(|x| 10.0 + 3.0 * f64::from(x)).collect();
        let fitted = fit(&line, Shape::Trend).unwrap();
        assert!((fitted.ahead(2) - 37.0).abs() < 1e-9);
        assert!((automatic(&line).unwrap().ahead(1) - 34.0).abs() < 1e-9);
    }

    #[test]
    fn worked_by_hand() {
        // Level 10, trend 0, alpha 0.5: 10, then 10 + 0.5 x 4 = 12, then 12 + 0.5 x (12 - 12) = 12; errors 4 and 0.
        let fitted = smooth(&[10.0, 14.0, 12.0], 0.5, 0.0, 1.0, Shape::Level);
        assert!((fitted.ahead(3) - 12.0).abs() < 1e-12);
        assert!((fitted.squares - 16.0).abs() < 1e-12);
        // Damped: trend (4 - 0) / 2 = 2, phi 0.5: expected 1, error 1 (value 2), level 1 + 0.5, trend 1 + 0.25; expected
        // 1.5 + 0.625 = 2.125, error 1.875, level 3.0625, trend 0.625 + 0.46875 = 1.09375; then 0.5 and 0.25 of it on top.
        let fitted = smooth(&[0.0, 2.0, 4.0], 0.5, 0.25, 0.5, Shape::Damped);
        assert!((fitted.ahead(2) - (3.0625 + 0.75 * 1.09375)).abs() < 1e-12);
    }

    #[test]
    fn too_short() {
        assert_eq!(fit(&[1.0, 2.0], Shape::Level), None);
        assert_eq!(automatic(&[]), None);
    }
}
